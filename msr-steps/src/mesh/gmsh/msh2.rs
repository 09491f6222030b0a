//! Sections of MSH 2.2.

use super::GmshError;
use super::draft::{Draft, nodes_of_tetrahedron};
use super::line::Lines;

/// `$Nodes`: a count, then `tag x y z` (with parametric coordinates behind in `$ParametricNodes`).
pub(super) fn nodes(lines: &mut Lines<'_>, draft: &mut Draft) -> Result<(), GmshError> {
    let count: usize = lines.fields("the number of nodes")?.number("the number of nodes")?;
    for _ in 0..count {
        let mut fields = lines.fields("a node")?;
        let tag = fields.number("the tag of a node")?;
        let point = fields.numbers("x, y and z of a node")?;
        draft.node(tag, point, fields.line())?;
    }
    Ok(())
}

/// `$Elements`: a count, then `tag type number-of-tags tags nodes`; the tags are the physical group (0: none), the
/// elementary entity and the partitions, which come with their number.
pub(super) fn elements(lines: &mut Lines<'_>, draft: &mut Draft) -> Result<(), GmshError> {
    let count: usize = lines.fields("the number of elements")?.number("the number of elements")?;
    for _ in 0..count {
        let mut fields = lines.fields("an element")?;
        let line = fields.line();
        fields.skip(1, "the tag of an element")?;
        let element_type = fields.number("the type of an element")?;
        let tag_count: usize = fields.number("the number of tags")?;
        let mut tags = [0i64; 3];
        for position in 0..tag_count {
            let tag = fields.number("a tag of an element")?;
            if let Some(kept) = tags.get_mut(position) {
                *kept = tag;
            }
        }
        let [physical, _, partitions] = tags;
        if partitions > 0 {
            return Err(GmshError::Partitioned { line });
        }
        if let Some(nodes) = nodes_of_tetrahedron(element_type, line)? {
            let physical = physical.abs();
            draft.volume(physical, if physical == 0 { Vec::new() } else { vec![physical] });
            draft.tetrahedron(fields.numbers("the corners of a tetrahedron")?, physical, line);
            fields.skip(nodes - 4, "the nodes between the corners of a tetrahedron")?;
        }
    }
    Ok(())
}
