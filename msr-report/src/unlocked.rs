//! Files without lock. The only unsafe code of this crate: the safe interface to HDF5 has no call for it.
//!
//! HDF5 locks a file that is open for writing, so that no other process can open it, not even for reading. Files of
//! results are meant to be read while they grow, and are consistent after each flush.

#![allow(unsafe_code)]

use std::ffi::CString;
use std::path::Path;

use hdf5::File;
use hdf5::plist::FileAccess;
use hdf5_sys::h5f::{H5F_ACC_RDWR, H5F_ACC_TRUNC, H5Fcreate, H5Fopen};
use hdf5_sys::h5i::hid_t;
use hdf5_sys::h5p::{H5P_DEFAULT, H5Pset_file_locking};

/// Creates a file, replacing one that is there.
pub(crate) fn create(path: &Path) -> hdf5::Result<File> {
    // SAFETY: the name is a C string and both property lists are valid for the whole call.
    open_with(path, |name, access| unsafe { H5Fcreate(name, H5F_ACC_TRUNC, H5P_DEFAULT, access) })
}

/// Opens a file for reading and writing.
pub(crate) fn open(path: &Path) -> hdf5::Result<File> {
    // SAFETY: the name is a C string and the property list is valid for the whole call.
    open_with(path, |name, access| unsafe { H5Fopen(name, H5F_ACC_RDWR, access) })
}

fn open_with(path: &Path, open: impl Fn(*const std::ffi::c_char, hid_t) -> hid_t) -> hdf5::Result<File> {
    let name = path.to_str().ok_or("the name of the file is not UTF-8")?;
    let name = CString::new(name).map_err(|error| error.to_string())?;
    let access = FileAccess::try_new()?;
    hdf5::sync::sync(|| {
        // SAFETY: the id is that of a file access property list that lives until the end of this function.
        hdf5::h5check(unsafe { H5Pset_file_locking(access.id(), 0, 1) })?;
        let file = hdf5::h5check(open(name.as_ptr(), access.id()))?;
        // SAFETY: the id is that of a file that was just opened and that nobody else owns.
        unsafe { hdf5::from_id(file) }
    })
}
