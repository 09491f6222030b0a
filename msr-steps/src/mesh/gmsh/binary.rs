//! Sections of binary files, MSH 4.1 and 2.2.
//!
//! Headings, physical names and the format stay text; numbers are 4-byte integers, 8-byte sizes and doubles in the order of
//! bytes that the integer 1 after the format shows (Gmsh reference manual, section "MSH file format").

use super::draft::{Draft, VOLUME, nodes_of_element, nodes_of_tetrahedron};
use super::{GmshError, Version};

/// The bytes of a file, with the place that is read next.
pub(super) struct Bytes<'a> {
    bytes: &'a [u8],
    position: usize,
    big_endian: bool,
}

impl<'a> Bytes<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, position: 0, big_endian: false }
    }

    pub(super) fn position(&self) -> usize {
        self.position
    }

    fn take<const N: usize>(&mut self, expected: &'static str) -> Result<[u8; N], GmshError> {
        let rest = self.bytes.get(self.position..).unwrap_or_default();
        let found = rest.first_chunk::<N>().ok_or(GmshError::EndedAt { position: self.bytes.len(), expected })?;
        self.position += N;
        let mut found = *found;
        if self.big_endian {
            found.reverse();
        }
        Ok(found)
    }

    fn integer(&mut self, expected: &'static str) -> Result<i32, GmshError> {
        self.take(expected).map(i32::from_le_bytes)
    }

    fn size(&mut self, expected: &'static str) -> Result<u64, GmshError> {
        self.take(expected).map(u64::from_le_bytes)
    }

    fn double(&mut self, expected: &'static str) -> Result<f64, GmshError> {
        self.take(expected).map(f64::from_le_bytes)
    }

    /// A number of things, each of at least `least` bytes, so that a wrong number is not believed.
    fn count(&mut self, expected: &'static str, least: usize) -> Result<usize, GmshError> {
        let position = self.position;
        let count = self.size(expected)?;
        self.checked_count(count, expected, least, position)
    }

    fn checked_count(
        &self,
        count: u64,
        expected: &'static str,
        least: usize,
        position: usize,
    ) -> Result<usize, GmshError> {
        let left = (self.bytes.len() - self.position) as u64;
        if count.saturating_mul(least as u64) > left {
            return Err(GmshError::BadCount { position, expected, count });
        }
        Ok(count as usize)
    }

    fn skip(&mut self, bytes: usize) {
        self.position = self.position.saturating_add(bytes);
    }

    /// The next line of text without its end; `None` at the end of the file.
    pub(super) fn line(&mut self) -> Option<String> {
        let rest = self.bytes.get(self.position..).filter(|rest| !rest.is_empty())?;
        let end = rest.iter().position(|&byte| byte == b'\n').unwrap_or(rest.len());
        self.position += (end + 1).min(rest.len());
        Some(String::from_utf8_lossy(&rest[..end]).trim().to_owned())
    }

    /// The integer 1 after the format, which tells the order of bytes.
    pub(super) fn order_of_bytes(&mut self) -> Result<(), GmshError> {
        let position = self.position;
        match self.integer("the integer 1")? {
            1 => Ok(()),
            other if other.swap_bytes() == 1 => {
                self.big_endian = true;
                Ok(())
            }
            _ => Err(GmshError::ByteOrder { position }),
        }
    }

    /// Passes over the line `$EndName`, and what ends the line before it.
    pub(super) fn end(&mut self, name: &str) -> Result<(), GmshError> {
        let position = self.position;
        loop {
            match self.line() {
                Some(line) if line.is_empty() => {}
                Some(line) if line.strip_prefix("$End") == Some(name) => return Ok(()),
                _ => return Err(GmshError::NoEnd { position, section: name.to_owned() }),
            }
        }
    }

    /// Passes over a section that is of no use.
    pub(super) fn skip_to_end(&mut self, name: &str) -> Result<(), GmshError> {
        let position = self.position;
        let end = format!("$End{name}");
        let rest = self.bytes.get(position..).unwrap_or_default();
        match rest.windows(end.len()).position(|window| window == end.as_bytes()) {
            Some(found) => {
                self.position += found;
                self.end(name)
            }
            None => Err(GmshError::NoEnd { position, section: name.to_owned() }),
        }
    }

    pub(super) fn section(&mut self, name: &str, version: Version, draft: &mut Draft) -> Result<bool, GmshError> {
        match (name, version) {
            ("Entities", Version::V4_1) => self.entities(draft)?,
            ("Nodes", Version::V4_1) => self.nodes_4_1(draft)?,
            ("Elements", Version::V4_1) => self.elements_4_1(draft)?,
            ("Nodes", Version::V2_2) => self.nodes_2_2(draft)?,
            ("Elements", Version::V2_2) => self.elements_2_2(draft)?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn entities(&mut self, draft: &mut Draft) -> Result<(), GmshError> {
        const COUNT: &str = "the numbers of points, curves, surfaces and volumes";
        let mut counts = [0; 4];
        for count in &mut counts {
            *count = self.count(COUNT, 20)?;
        }
        for (dimension, count) in counts.into_iter().enumerate() {
            for _ in 0..count {
                let tag = self.integer("the tag of an entity")?;
                // A point has coordinates, the others a bounding box.
                self.skip(if dimension == 0 { 24 } else { 48 });
                let physical = self.count("the number of physical tags", 4)?;
                let physical: Vec<i64> = (0..physical)
                    // The sign is an orientation.
                    .map(|_| self.integer("a physical tag").map(|tag| i64::from(tag).abs()))
                    .collect::<Result<_, _>>()?;
                if dimension > 0 {
                    let bounding = self.count("the number of bounding entities", 4)?;
                    self.skip(4 * bounding);
                }
                if dimension == VOLUME as usize {
                    draft.volume(i64::from(tag), physical);
                }
            }
        }
        Ok(())
    }

    fn nodes_4_1(&mut self, draft: &mut Draft) -> Result<(), GmshError> {
        let blocks = self.count("the number of blocks", 20)?;
        self.skip(24);
        let mut tags = Vec::new();
        for _ in 0..blocks {
            let dimension = self.integer("the dimension of a block")?;
            self.integer("the entity of a block")?;
            let parametric = self.integer("whether a block is parametric")? != 0;
            let count = self.count("the number of nodes", 32)?;
            tags.clear();
            for _ in 0..count {
                tags.push(self.size("the tag of a node")?);
            }
            for &tag in &tags {
                let position = self.position;
                let point = self.point()?;
                if parametric {
                    self.skip(8 * dimension.clamp(0, 3) as usize);
                }
                draft.node(tag, point, position)?;
            }
        }
        Ok(())
    }

    fn elements_4_1(&mut self, draft: &mut Draft) -> Result<(), GmshError> {
        let blocks = self.count("the number of blocks", 20)?;
        self.skip(24);
        for _ in 0..blocks {
            let position = self.position;
            let dimension = self.integer("the dimension of a block")?;
            let entity = self.integer("the entity of a block")?;
            let element_type = self.integer("the type of the elements")? as u32;
            let wanted = nodes_of_tetrahedron(element_type, position)?.is_some() && dimension == VOLUME as i32;
            let nodes = nodes_of_element(element_type).ok_or(GmshError::UnknownElement { position, element_type })?;
            let count = self.count("the number of elements", 8 * (1 + nodes))?;
            for _ in 0..count {
                let position = self.position;
                self.skip(8);
                if wanted {
                    let mut tetrahedron = [0; 4];
                    for node in &mut tetrahedron {
                        *node = self.size("a node of a tetrahedron")?;
                    }
                    self.skip(8 * (nodes - 4));
                    draft.tetrahedron(tetrahedron, i64::from(entity), position);
                } else {
                    self.skip(8 * nodes);
                }
            }
        }
        Ok(())
    }

    /// The number of things stands in a line of text.
    fn text_count(&mut self, expected: &'static str, least: usize) -> Result<usize, GmshError> {
        let position = self.position;
        let line = self.line().unwrap_or_default();
        let count = line.parse().map_err(|_| GmshError::NoCount { position, expected, found: line })?;
        self.checked_count(count, expected, least, position)
    }

    fn nodes_2_2(&mut self, draft: &mut Draft) -> Result<(), GmshError> {
        for _ in 0..self.text_count("the number of nodes", 28)? {
            let position = self.position;
            let tag = self.integer("the tag of a node")?;
            let point = self.point()?;
            draft.node(tag as u64, point, position)?;
        }
        Ok(())
    }

    fn elements_2_2(&mut self, draft: &mut Draft) -> Result<(), GmshError> {
        let mut left = self.text_count("the number of elements", 4)?;
        while left > 0 {
            let position = self.position;
            let element_type = self.integer("the type of the elements")? as u32;
            let count = self.integer("the number of elements of this type")?.max(0) as usize;
            let tag_count = self.integer("the number of tags")?.max(0) as usize;
            let wanted = nodes_of_tetrahedron(element_type, position)?.is_some();
            let nodes = nodes_of_element(element_type).ok_or(GmshError::UnknownElement { position, element_type })?;
            let bytes = 4 * (1 + tag_count + nodes);
            self.checked_count(count as u64, "the number of elements of this type", bytes, position)?;
            if count == 0 || count > left {
                return Err(GmshError::BadCount { position, expected: "elements of this type", count: count as u64 });
            }
            for _ in 0..count {
                let position = self.position;
                if !wanted {
                    self.skip(bytes);
                    continue;
                }
                self.skip(4);
                let mut tags = [0i64; 3];
                for entry in 0..tag_count {
                    let tag = i64::from(self.integer("a tag of an element")?);
                    if let Some(kept) = tags.get_mut(entry) {
                        *kept = tag;
                    }
                }
                if tags[2] > 0 {
                    return Err(GmshError::Partitioned { line: position });
                }
                let physical = tags[0].abs();
                draft.volume(physical, if physical == 0 { Vec::new() } else { vec![physical] });
                let mut tetrahedron = [0; 4];
                for node in &mut tetrahedron {
                    *node = self.integer("a node of a tetrahedron")? as u64;
                }
                self.skip(4 * (nodes - 4));
                draft.tetrahedron(tetrahedron, physical, position);
            }
            left -= count;
        }
        Ok(())
    }

    fn point(&mut self) -> Result<[f64; 3], GmshError> {
        let mut point = [0.0; 3];
        for coordinate in &mut point {
            *coordinate = self.double("x, y and z of a node")?;
        }
        Ok(point)
    }
}
