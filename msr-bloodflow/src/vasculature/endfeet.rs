//! Endfeet of a circuit: which one each vessel segment lies under.

use msr_config::EdgePopulation;

use super::Vasculature;
use super::error::VasculatureError;
use super::sonata::whole_numbers;

impl Vasculature {
    /// The same graph under the endfeet of an edge population of type `endfoot`, from vessel segments to astrocytes. An
    /// endfoot covers its segment and what lies within `endfoot_compartment_length` (um; 0 where absent) along the vessels,
    /// see [`Vasculature::segments_within`]. A segment that several reach belongs to the nearest; of equally near ones
    /// to the first.
    ///
    /// # Errors
    /// [`VasculatureError::Attribute`] where `endfoot_id` is absent or a column has another type,
    /// [`VasculatureError::BadInteger`], [`VasculatureError::EndfootNowhere`], [`VasculatureError::BadLength`].
    pub fn with_endfeet(mut self, edges: &EdgePopulation) -> Result<Self, VasculatureError> {
        let ids: Vec<u32> = whole_numbers(&edges.attributes, "endfoot_id")?;
        let lengths_um = edges.attributes.optional_float("endfoot_compartment_length")?;
        let segments = self.segment_count();
        let mut nearest: Vec<Option<(f64, u32)>> = vec![None; segments];
        for (edge, (&segment, &id)) in edges.source_ids.iter().zip(&ids).enumerate() {
            let first = usize::try_from(segment).ok().filter(|&first| first < segments);
            let first = first.ok_or(VasculatureError::EndfootNowhere { edge, segment, segments })?;
            let length_um = lengths_um.as_ref().map_or(0.0, |lengths_um| lengths_um[edge]);
            for reached in self.segments_from(first, length_um)? {
                let holder = &mut nearest[reached.segment];
                if holder.is_none_or(|(distance_um, _)| reached.distance_um < distance_um) {
                    *holder = Some((reached.distance_um, id));
                }
            }
        }
        for (endfoot, holder) in self.segments.endfeet.iter_mut().zip(nearest) {
            *endfoot = holder.map(|(_, id)| id);
        }
        Ok(self)
    }
}
