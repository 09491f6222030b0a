//! Diffusion in a mesh of Gmsh: `gmsh_mesh file.msh [scale]`, where `scale` makes metres of the file's unit (1e-6 for um). Without
//! a file, one is written and read: a box of two compartments. Prints the quality of the mesh and what both fluxes make
//! of it, and writes `gmsh_mesh.vtu` for ParaView.

use std::fs::File;
use std::io::BufWriter;
use std::path::PathBuf;
use std::sync::Arc;

use msr_coupling::{Query, Simulator};
use msr_steps::mesh::gmsh::Version;
use msr_steps::mesh::{CellData, Compartment};
use msr_steps::{Flux, Model, Settings, Species, StepsSimulator, TetMesh};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let path = match arguments.next() {
        Some(path) => PathBuf::from(path),
        None => write_example()?,
    };
    let scale = arguments.next().map_or(Ok(1e-6), |scale| scale.parse())?;
    let mesh = Arc::new(TetMesh::read_gmsh(&path, scale)?);
    println!("{}\n{}", path.display(), mesh.quality());
    for part in mesh.compartments() {
        println!("compartment '{}': {} tetrahedra", part.name, part.tetrahedra.len());
    }
    let compartment = mesh.compartments().first().map_or("all", |part| part.name.as_str());
    let model = Model::builder(compartment).species(Species::new("K").with_diffusion_m2_s(2e-9)).build()?;
    let middle_um = 0.5 * (mesh.bounds().lower_um[0] + mesh.bounds().upper_um[0]);
    let mut results = Vec::new();
    for flux in [Flux::TwoPoint, Flux::Consistent] {
        let settings = Settings { flux, ..Settings::default() };
        let mut simulator = StepsSimulator::new(mesh.clone(), &model, settings, 1, 10, 0.1)?;
        let members = mesh
            .compartments()
            .first()
            .map_or_else(|| (0..mesh.len() as u32).collect(), |part| part.tetrahedra.clone());
        let left: Vec<usize> = members
            .into_iter()
            .map(|tet| tet as usize)
            .filter(|&tet| mesh.barycentres_um()[tet][0] < middle_um)
            .collect();
        simulator.set_concentration_mm("K", &left, 3.0)?;
        simulator.advance(50)?;
        let mut molar = Vec::new();
        simulator.get_var(&Query::new("get_tet_concs").with("species_name", "K"), &mut molar)?;
        println!("{flux:?}: {}", simulator.summary().join("; "));
        results.push(molar.iter().map(|molar| 1e3 * molar).collect::<Vec<_>>());
    }
    let data = [
        CellData { name: "K two-point (mM)", values: &results[0] },
        CellData { name: "K consistent (mM)", values: &results[1] },
    ];
    mesh.write_vtu(&mut BufWriter::new(File::create("gmsh_mesh.vtu")?), &data)?;
    println!("wrote gmsh_mesh.vtu");
    Ok(())
}

/// A box whose left part is `extra`, and whose right end is `wall`.
fn write_example() -> Result<PathBuf, Box<dyn std::error::Error>> {
    let lattice = TetMesh::box_lattice([0.0; 3], [12.0, 4.0, 4.0], 1.0, "extra")?;
    let within = |from: f64, to: f64| -> Vec<u32> {
        let inside = |&tet: &u32| (from..to).contains(&lattice.barycentres_um()[tet as usize][0]);
        (0..lattice.len() as u32).filter(inside).collect()
    };
    let parts = vec![
        Compartment { name: "extra".to_owned(), tag: 1, tetrahedra: within(0.0, 10.0) },
        Compartment { name: "wall".to_owned(), tag: 2, tetrahedra: within(10.0, 12.0) },
    ];
    let mesh = TetMesh::new(lattice.vertices_um().to_vec(), lattice.tetrahedra().to_vec(), parts)?;
    let path = std::env::temp_dir().join("msr_steps_box.msh");
    mesh.write_gmsh(&mut BufWriter::new(File::create(&path)?), Version::V4_1)?;
    Ok(path)
}
