//! The command line of msr.

mod init;

fn main() -> Result<(), init::InitError> {
    let dir = std::env::args().nth(1).unwrap_or_else(|| ".".to_owned());
    let summary = init::write_tiny_ci(std::path::Path::new(&dir), false)?;
    println!("{summary:?}");
    Ok(())
}
