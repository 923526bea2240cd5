//! From the WebAssembly that cargo built to the two that are served: one with all that signing in
//! takes, and a chunk with what only the rest of the app takes.
//!
//! Where they part, the sources say (`src/app/chunk.rs`), and the linker leaves what it takes to
//! part them. The chunk imports from the first one and from nothing else, so wasm-bindgen sees the
//! first one only, and there is one glue.

use std::fs;
use std::path::{Path, PathBuf};

use wasm_split_cli_support::{Options, transform};

use crate::process::{Failure, Result, command, run};
use crate::tools::BuildTools;

/// What wasm-bindgen and trunk call the app.
const APP: &str = "occam-keys";

/// From where the first WebAssembly wants the function that loads the chunk.
const LINK: &str = "./chunk.js";

/// What the compiler may use: wasm-opt does not find it in a chunk.
const FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-reference-types",
    "--enable-multivalue",
];

/// Parts the WebAssembly `linked` in two and puts both, and the glue, into the folder `built`, in
/// the place of what trunk made of it.
pub(crate) fn split(linked: &Path, tools: &BuildTools, built: &Path) -> Result<()> {
    // Gone with the folder of trunk's files, when it goes.
    let parts = built.join("parts");
    let main = parts.join("main.wasm");
    let chunk = part(linked, &parts, &main)?;
    let mut bindgen = command(&tools.wasm_bindgen);
    bindgen
        // The chunk takes what the linker has exported.
        .args(["--target", "web", "--no-typescript", "--no-demangle", "--keep-lld-exports"])
        .args(["--out-name", APP, "--out-dir"])
        .arg(&parts)
        .arg(&main);
    run(&mut bindgen, "`wasm-bindgen`")?;
    let bound = format!("{APP}_bg.wasm");
    optimize(tools, &parts.join(&bound), &built.join(&bound))?;
    optimize(tools, &chunk.path, &built.join(format!("{}.wasm", chunk.name)))?;
    let glue = parts.join(format!("{APP}.js"));
    let text =
        fs::read_to_string(&glue).map_err(|error| Failure::file("Reading", &glue, &error))?;
    let text = with_loader(&text, &chunk.name).ok_or_else(|| {
        Failure::new(
            format!("The glue of the WebAssembly does not import {LINK:?} as this build knows it."),
            "Look at what wasm-bindgen writes, and see `with_loader` in xtask/src/split.rs.",
        )
    })?;
    let place = built.join(format!("{APP}.js"));
    fs::write(&place, text).map_err(|error| Failure::file("Writing", &place, &error))?;
    fs::remove_dir_all(&parts).map_err(|error| Failure::file("Removing", &parts, &error))
}

/// A chunk as it was split off.
struct Chunk {
    path: PathBuf,
    /// As the sources name it.
    name: String,
}

fn part(linked: &Path, folder: &Path, main: &Path) -> Result<Chunk> {
    let whole = fs::read(linked).map_err(|error| Failure::file("Reading", linked, &error))?;
    let mut options = Options::new(&whole);
    options.output_dir = folder;
    options.main_out_path = main;
    options.link_name = LINK;
    let made = transform(options).map_err(|error| {
        Failure::new(
            format!("The WebAssembly could not be split: {error:#}."),
            "Check that nothing strips what the linker leaves, and see xtask/src/split.rs.",
        )
    })?;
    let name = |path: &Path| Some(path.file_stem()?.to_str()?.strip_prefix("split_")?.to_owned());
    match made.split_modules.as_slice() {
        [path] if let Some(name) = name(path) => Ok(Chunk { path: path.clone(), name }),
        paths => Err(Failure::new(
            format!("The WebAssembly was split into {} chunks, not into one.", paths.len()),
            "Name one place in src/app/chunk.rs: the page fetches one chunk.",
        )),
    }
}

fn optimize(tools: &BuildTools, from: &Path, to: &Path) -> Result<()> {
    let mut wasm_opt = command(&tools.wasm_opt);
    wasm_opt.arg("-Oz").args(FEATURES).arg("-o").arg(to).arg(from);
    run(&mut wasm_opt, "`wasm-opt`")
}

/// The glue with the function in it that loads the chunk, where it would import that one. So no
/// script is fetched that nobody holds against a hash.
///
/// The function gets a callback of the WebAssembly and says by it whether the chunk is there. It
/// stays there: it writes its data into the memory when it is made, so it is made once.
fn with_loader(glue: &str, chunk: &str) -> Option<String> {
    let (start, end) = ("import * as ", format!(" from {LINK:?}"));
    let import = glue.lines().find(|line| line.starts_with(start) && line.ends_with(&end))?;
    let name = import.strip_prefix(start)?.strip_suffix(&end)?;
    let loader = format!(
        "let chunk;\n\
         const {name} = {{\n    \
             async __wasm_split_load_{chunk}(callback, data) {{\n        \
                 chunk ??= window.occamKeysChunk()\n            \
                     .then((module) => WebAssembly.instantiate(module, {{ __wasm_split: wasm }}))\n            \
                     .then(() => true, () => false);\n        \
                 const loaded = await chunk;\n        \
                 if (!loaded) chunk = undefined;\n        \
                 wasm.__indirect_function_table.get(callback)(data, loaded);\n    \
             }},\n\
         }};"
    );
    Some(glue.replacen(import, &loader, 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_glue_loads_the_chunk_and_imports_nothing() {
        let glue = "import * as import1 from \"./chunk.js\"\nconst a = import1;\n";
        let loading = with_loader(glue, "rest").expect("it is the import");
        assert!(!loading.contains("import *"), "{loading}");
        assert!(loading.contains("const import1 = {"), "{loading}");
        assert!(loading.contains("async __wasm_split_load_rest(callback, data) {"), "{loading}");
        assert!(loading.ends_with("};\nconst a = import1;\n"), "{loading}");
    }

    #[test]
    fn glue_that_is_not_known_stops_the_build() {
        for glue in
            ["const a = 1;\n", "import * as a from \"./other.js\"\n", "import \"./chunk.js\""]
        {
            assert_eq!(with_loader(glue, "rest"), None, "{glue}");
        }
    }
}
