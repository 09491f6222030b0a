//! Memory for the numbers of a factor.

use std::ops::{Deref, DerefMut};

use memmap2::MmapMut;

/// Numbers in memory of their own, zeros at first. Pages are as large as the system has them: thousands of small ones would
/// take the system longer than the elimination takes.
#[derive(Debug)]
pub(super) struct Numbers {
    bytes: MmapMut,
}

impl Numbers {
    /// So many zeros.
    ///
    /// # Errors
    /// Where there is not enough memory.
    pub(super) fn zeros(length: usize) -> std::io::Result<Self> {
        let size = length.checked_mul(size_of::<f64>()).ok_or(std::io::ErrorKind::OutOfMemory)?;
        let bytes = MmapMut::map_anon(size)?;
        // A wish: systems without large pages refuse it.
        #[cfg(target_os = "linux")]
        let _ = bytes.advise(memmap2::Advice::HugePage);
        Ok(Self { bytes })
    }
}

impl Deref for Numbers {
    type Target = [f64];

    fn deref(&self) -> &[f64] {
        bytemuck::cast_slice(&self.bytes)
    }
}

impl DerefMut for Numbers {
    fn deref_mut(&mut self) -> &mut [f64] {
        bytemuck::cast_slice_mut(&mut self.bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_zeros_that_can_be_changed() {
        for length in [0, 1, 1000, 1 << 20] {
            let mut numbers = Numbers::zeros(length).expect("there is memory");
            assert_eq!(numbers.len(), length);
            assert!(numbers.iter().all(|&number| number == 0.0));
            numbers.fill(1.5);
            assert!(numbers.iter().all(|&number| number == 1.5));
        }
    }

    #[test]
    fn more_than_there_is_is_refused() {
        assert!(Numbers::zeros(usize::MAX).is_err());
        assert!(Numbers::zeros(1 << 57).is_err());
    }
}
