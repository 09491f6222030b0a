//! Sections of MSH 4.1.

use super::GmshError;
use super::draft::{Draft, VOLUME, nodes_of_tetrahedron};
use super::line::Lines;

/// `$Entities`: points, curves, surfaces and volumes, each with its physical tags.
pub(super) fn entities(lines: &mut Lines<'_>, draft: &mut Draft) -> Result<(), GmshError> {
    const COUNTS: &str = "the numbers of points, curves, surfaces and volumes";
    let [points, curves, surfaces, volumes] = lines.fields(COUNTS)?.numbers::<usize, 4>(COUNTS)?;
    for _ in 0..points + curves + surfaces {
        lines.fields("a point, curve or surface")?;
    }
    for _ in 0..volumes {
        let mut fields = lines.fields("a volume")?;
        let tag: i64 = fields.number("the tag of a volume")?;
        fields.skip(6, "the bounding box of a volume")?;
        let count: usize = fields.number("the number of physical tags")?;
        let physical = (0..count)
            // The sign is an orientation.
            .map(|_| fields.number::<i64>("a physical tag").map(i64::abs))
            .collect::<Result<Vec<_>, _>>()?;
        draft.volume(tag, physical);
    }
    Ok(())
}

/// `$Nodes`: blocks of tags, each followed by as many coordinates (with parametric ones behind, where flagged).
pub(super) fn nodes(lines: &mut Lines<'_>, draft: &mut Draft) -> Result<(), GmshError> {
    const COUNTS: &str = "the numbers of blocks and nodes";
    const BLOCK: &str = "dimension, entity, parametric flag and number of nodes";
    let [blocks, _] = lines.fields(COUNTS)?.numbers::<usize, 2>(COUNTS)?;
    let mut tags = Vec::new();
    for _ in 0..blocks {
        let [_, _, _, count] = lines.fields(BLOCK)?.numbers::<i64, 4>(BLOCK)?;
        tags.clear();
        for _ in 0..count {
            let mut fields = lines.fields("the tag of a node")?;
            tags.push((fields.number::<u64>("the tag of a node")?, fields.line()));
        }
        for &(tag, line) in &tags {
            let point = lines.fields("x, y and z of a node")?.numbers("x, y and z of a node")?;
            draft.node(tag, point, line)?;
        }
    }
    Ok(())
}

/// `$Elements`: blocks of elements of one type in one entity.
pub(super) fn elements(lines: &mut Lines<'_>, draft: &mut Draft) -> Result<(), GmshError> {
    const COUNTS: &str = "the numbers of blocks and elements";
    const BLOCK: &str = "dimension, entity, element type and number of elements";
    let [blocks, _] = lines.fields(COUNTS)?.numbers::<usize, 2>(COUNTS)?;
    for _ in 0..blocks {
        let mut fields = lines.fields(BLOCK)?;
        let dimension: u32 = fields.number(BLOCK)?;
        let entity: i64 = fields.number(BLOCK)?;
        let element_type: u32 = fields.number(BLOCK)?;
        let count: usize = fields.number(BLOCK)?;
        let nodes = nodes_of_tetrahedron(element_type, fields.line())?.filter(|_| dimension == VOLUME);
        for _ in 0..count {
            let mut fields = lines.fields("an element")?;
            if let Some(nodes) = nodes {
                fields.skip(1, "the tag of an element")?;
                let line = fields.line();
                draft.tetrahedron(fields.numbers("the corners of a tetrahedron")?, entity, line);
                fields.skip(nodes - 4, "the nodes between the corners of a tetrahedron")?;
            }
        }
    }
    Ok(())
}
