//! One dataset as a column.

use hdf5::types::{FixedAscii, FixedUnicode, IntSize, TypeDescriptor, VarLenAscii, VarLenUnicode};
use hdf5::{Attribute, Dataset};

use super::lossy;
use crate::circuit::Column;

/// Longest fixed-length text attribute that is read, bytes.
const FIXED_TEXT_BYTES: usize = 256;

/// Reads a dataset of `size` rows; with the texts of an enumeration it holds their numbers. The error says why it is no
/// column.
pub(super) fn read(dataset: &Dataset, library: Option<&Dataset>, size: usize) -> Result<Column, String> {
    check_shape(dataset, size)?;
    if let Some(library) = library {
        return enumeration(dataset, library, size).map(Column::Text);
    }
    match descriptor(dataset)? {
        TypeDescriptor::Integer(_) | TypeDescriptor::Unsigned(_) => integers(dataset, size).map(Column::Integer),
        TypeDescriptor::Float(_) => dataset.read_raw::<f64>().map(Column::Float).map_err(|error| error.to_string()),
        TypeDescriptor::VarLenUnicode | TypeDescriptor::VarLenAscii => texts(dataset).map(Column::Text),
        other => Err(unexpected(&other)),
    }
}

fn check_shape(dataset: &Dataset, size: usize) -> Result<(), String> {
    let shape = dataset.shape();
    if shape == [size] { Ok(()) } else { Err(format!("its shape is {shape:?}, but the population has {size} rows")) }
}

fn descriptor(dataset: &Dataset) -> Result<TypeDescriptor, String> {
    dataset.dtype().and_then(|datatype| datatype.to_descriptor()).map_err(|error| error.to_string())
}

fn unexpected(found: &TypeDescriptor) -> String {
    let hint = match found {
        TypeDescriptor::FixedAscii(_) | TypeDescriptor::FixedUnicode(_) => {
            "; SONATA has texts of variable length only (h5py.string_dtype())"
        }
        TypeDescriptor::Boolean => "; write 0 and 1 as int8",
        TypeDescriptor::Enum(_) => "; SONATA enumerations have their texts in @library",
        _ => "",
    };
    format!("unexpected type {found}{hint}")
}

/// Reads a dataset of `size` integers of any width.
pub(super) fn integers(dataset: &Dataset, size: usize) -> Result<Vec<i64>, String> {
    check_shape(dataset, size)?;
    match descriptor(dataset)? {
        TypeDescriptor::Unsigned(IntSize::U8) => {
            let values = dataset.read_raw::<u64>().map_err(|error| error.to_string())?;
            let signed = |value: u64| i64::try_from(value).map_err(|_| format!("{value} is greater than 2^63 - 1"));
            values.into_iter().map(signed).collect()
        }
        TypeDescriptor::Integer(_) | TypeDescriptor::Unsigned(_) => {
            dataset.read_raw::<i64>().map_err(|error| error.to_string())
        }
        other => Err(format!("must be integers, found {other}")),
    }
}

fn texts(dataset: &Dataset) -> Result<Vec<String>, String> {
    let texts = match descriptor(dataset)? {
        TypeDescriptor::VarLenUnicode => {
            dataset.read_raw::<VarLenUnicode>().map(|texts| texts.iter().map(|text| lossy(text.as_bytes())).collect())
        }
        TypeDescriptor::VarLenAscii => {
            dataset.read_raw::<VarLenAscii>().map(|texts| texts.iter().map(|text| lossy(text.as_bytes())).collect())
        }
        other => return Err(unexpected(&other)),
    };
    texts.map_err(|error| error.to_string())
}

fn enumeration(dataset: &Dataset, library: &Dataset, size: usize) -> Result<Vec<String>, String> {
    let entries = texts(library).map_err(|reason| format!("its @library: {reason}"))?;
    let numbers = integers(dataset, size)?;
    let entry = |number: i64| {
        usize::try_from(number).ok().and_then(|index| entries.get(index)).cloned().ok_or_else(|| {
            format!("enumeration value {number} is beyond the {} entries of its @library", entries.len())
        })
    };
    numbers.into_iter().map(entry).collect()
}

/// A scalar text of fixed length.
pub(super) fn fixed_text(attribute: &Attribute) -> Option<String> {
    let text = match attribute.dtype().ok()?.to_descriptor().ok()? {
        TypeDescriptor::FixedAscii(_) => {
            lossy(attribute.read_scalar::<FixedAscii<FIXED_TEXT_BYTES>>().ok()?.as_bytes())
        }
        _ => lossy(attribute.read_scalar::<FixedUnicode<FIXED_TEXT_BYTES>>().ok()?.as_bytes()),
    };
    Some(text)
}
