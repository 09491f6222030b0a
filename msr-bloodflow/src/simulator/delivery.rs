//! What the present flow delivers, computed when it is asked for.

use super::BloodflowSimulator;
use crate::flow_order::CirculatingFlow;
use crate::transport::{Delivery, Stream};

impl BloodflowSimulator {
    pub(super) fn forget_delivery(&mut self) {
        self.oxygen.take();
        self.glucose.take();
    }

    fn stream(&self) -> Stream<'_> {
        Stream {
            vasculature: &self.vasculature,
            flow: &self.state.flow,
            radii_um: &self.state.radii_um,
            hematocrits: &self.state.hematocrits,
            inflow_hematocrit: self.settings.discharge_hematocrit,
        }
    }

    /// Oxygen along the network with the present flow.
    ///
    /// # Errors
    /// [`CirculatingFlow`].
    pub fn oxygen(&self) -> Result<&Delivery, CirculatingFlow> {
        if let Some(known) = self.oxygen.get() {
            return Ok(known);
        }
        let delivery = self.stream().deliver(&self.settings.oxygen, &self.state.tissue_oxygen_kpa)?;
        Ok(self.oxygen.get_or_init(|| delivery))
    }

    /// Glucose along the network with the present flow.
    ///
    /// # Errors
    /// [`CirculatingFlow`].
    pub fn glucose(&self) -> Result<&Delivery, CirculatingFlow> {
        if let Some(known) = self.glucose.get() {
            return Ok(known);
        }
        let delivery = self.stream().deliver(&self.settings.glucose, &self.state.tissue_glucose_mm)?;
        Ok(self.glucose.get_or_init(|| delivery))
    }
}
