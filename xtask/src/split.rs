//! From the WebAssembly that cargo built to those that are served: one with all that signing in
//! takes, and chunks with what is needed later.
//!
//! Where they part, the sources say (`src/pages/chunk.rs`), and the linker leaves what it takes to
//! part them. The chunks import from the first one and from nothing else, so wasm-bindgen sees the
//! first one only, and there is one glue.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use wasm_split_cli_support::{Options, transform};

use crate::border::{self, Border};
use crate::folder::{read, write};
use crate::order;
use crate::process::{Failure, Result, command, run};
use crate::tools::BuildTools;

/// What wasm-bindgen and trunk call the app.
const APP: &str = "occam-keys";

/// From where the first WebAssembly wants the functions that load the chunks.
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

/// What is known by its name later: see `without_inner_html` in [`crate::finish`].
const KNOWN: [&str; 1] = ["__wbg_set_innerHTML_"];

/// What the chunk is called that holds what several others need.
const SHARED: &str = "shared";

/// Parts the WebAssembly `linked` and puts the parts, and the glue, into the folder `built`, in the
/// place of what trunk made of it.
pub(crate) fn split(linked: &Path, tools: &BuildTools, built: &Path) -> Result<()> {
    // Gone with the folder of trunk's files, when it goes.
    let parts = built.join("parts");
    let main = parts.join("main.wasm");
    let chunks = part(linked, &parts, &main)?;
    let mut bindgen = command(&tools.wasm_bindgen);
    bindgen
        // The chunks take what the linker has exported.
        .args(["--target", "web", "--no-typescript", "--no-demangle", "--keep-lld-exports"])
        .args(["--out-name", APP, "--out-dir"])
        .arg(&parts)
        .arg(&main);
    run(&mut bindgen, "`wasm-bindgen`")?;
    for (name, path) in &chunks.files {
        optimize(tools, path, &built.join(format!("{name}.wasm")))?;
    }
    let taken = chunks.files.values().map(|path| read(path)).collect::<Result<Vec<_>>>()?;
    let (glue, wasm) = (format!("{APP}.js"), format!("{APP}_bg.wasm"));
    let text = String::from_utf8_lossy(&read(&parts.join(&glue))?).into_owned();
    let text = with_loader(&text, &chunks.needs).ok_or_else(|| {
        Failure::new(
            format!("The glue of the WebAssembly does not import {LINK:?} as this build knows it."),
            "Look at what wasm-bindgen writes, and see `with_loader` in xtask/src/split.rs.",
        )
    })?;
    let border = Border { glue: text, wasm: read(&parts.join(&wasm))? };
    let Border { glue: text, wasm: code } = border.without_exports(&border::taken(&taken)?)?;
    let (bound, optimized) = (parts.join("bound.wasm"), parts.join("optimized.wasm"));
    write(&bound, &code)?;
    optimize(tools, &bound, &optimized)?;
    let border = Border { glue: text, wasm: read(&optimized)? };
    let border = border.with_short_names(&KNOWN)?;
    write(&built.join(&glue), border.glue.as_bytes())?;
    write(&built.join(&wasm), &border.wasm)?;
    fs::remove_dir_all(&parts).map_err(|error| Failure::file("Removing", &parts, &error))
}

/// What was split off.
struct Chunks {
    /// Where each chunk is, by its name.
    files: BTreeMap<String, PathBuf>,
    /// The names of the chunks that must be there, by what the sources ask for.
    needs: BTreeMap<String, Vec<String>>,
}

fn part(linked: &Path, folder: &Path, main: &Path) -> Result<Chunks> {
    let whole = read(linked)?;
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
    let named = |path: PathBuf| Some((name(path.file_stem()?.to_str()?)?.to_owned(), path));
    let paths = made.split_modules;
    let count = paths.len();
    let files: BTreeMap<String, PathBuf> = paths.into_iter().filter_map(named).collect();
    let needs = made.prefetch_map.iter().map(|(chunk, stems)| {
        let names = stems.iter().filter_map(|stem| name(stem)).map(str::to_owned).collect();
        (chunk.clone(), names)
    });
    let needs = needs.collect();
    match files.len() == count && count > 0 {
        true => Ok(Chunks { files, needs }),
        false => Err(Failure::new(
            format!("The WebAssembly was split into {count} chunks, of {} names.", files.len()),
            "Name two places in src/pages/chunk.rs: then one chunk at most is shared.",
        )),
    }
}

/// What a chunk is called, by its file as wasm-split names it: what only one place in the sources
/// needs is named there, what several need has a number.
fn name(stem: &str) -> Option<&str> {
    let is_shared = stem.starts_with("chunk_");
    stem.strip_prefix("split_").or(is_shared.then_some(SHARED))
}

fn optimize(tools: &BuildTools, from: &Path, to: &Path) -> Result<()> {
    let mut wasm_opt = command(&tools.wasm_opt);
    // A browser compiles a function when it is first called, so a tiny one costs more than its call
    // does: without them there is a third less to compile, and a hundredth less to fetch than with
    // `-Oz`.
    wasm_opt.args(["-O2", "--always-inline-max-function-size=8"]);
    // What the compiler notes about itself is for tools that come before this one.
    wasm_opt.args(["--strip-producers", "--strip-target-features"]);
    wasm_opt.args(FEATURES).arg("-o").arg(to).arg(from);
    run(&mut wasm_opt, "`wasm-opt`")?;
    let ordered = order::by_likeness(&read(to)?)?;
    write(to, &ordered)
}

/// The glue with the functions in it that load the chunks, where it would import them. So no script
/// is fetched that nobody holds against a hash.
///
/// Each gets a callback of the WebAssembly and says by it whether all that is needed is there. A
/// chunk stays there: it writes its data into the memory when it is made, so it is made once.
fn with_loader(glue: &str, needs: &BTreeMap<String, Vec<String>>) -> Option<String> {
    let (start, end) = ("import * as ", format!(" from {LINK:?}"));
    let name = |line: &str| Some(line.strip_prefix(start)?.strip_suffix(&end)?.to_owned());
    // There is one import for each function.
    let names: Vec<String> = glue.lines().filter_map(name).collect();
    let (first, more) = names.split_first()?;
    let loads: String = needs
        .iter()
        .map(|(chunk, names)| format!("    __wasm_split_load_{chunk}: load({names:?}),\n"))
        .collect();
    let loader = format!(
        "const chunks = {{}};\n\
         const chunk = (name) => chunks[name] ??= window.occamKeysChunk(name)\n    \
             .then((module) => WebAssembly.instantiate(module, {{ __wasm_split: wasm }}))\n    \
             .catch((error) => {{\n        \
                 chunks[name] = undefined;\n        \
                 throw error;\n    \
             }});\n\
         const load = (names) => async (callback, data) => {{\n    \
             const loaded = await Promise.all(names.map(chunk)).then(() => true, () => false);\n    \
             wasm.__indirect_function_table.get(callback)(data, loaded);\n\
         }};\n\
         const {first} = {{\n{loads}}};"
    );
    let import = |name: &str| format!("{start}{name}{end}");
    let glue = glue.replacen(&import(first), &loader, 1);
    Some(more.iter().fold(glue, |glue, name| {
        glue.replacen(&import(name), &format!("const {name} = {first};"), 1)
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn needs() -> BTreeMap<String, Vec<String>> {
        let all = [("more", vec!["shared", "more"]), ("rest", vec!["shared", "rest"])];
        let owned = |names: Vec<&str>| names.into_iter().map(str::to_owned).collect();
        all.into_iter().map(|(chunk, names)| (chunk.to_owned(), owned(names))).collect()
    }

    #[test]
    fn the_glue_loads_what_each_chunk_needs_and_imports_nothing() {
        let glue = "import * as import1 from \"./chunk.js\"\n\
            import * as import2 from \"./chunk.js\"\nconst a = import1;\n";
        let loading = with_loader(glue, &needs()).expect("it is the import");
        assert!(!loading.contains("import *"), "{loading}");
        let end = "const import1 = {\n    \
            __wasm_split_load_more: load([\"shared\", \"more\"]),\n    \
            __wasm_split_load_rest: load([\"shared\", \"rest\"]),\n\
            };\nconst import2 = import1;\nconst a = import1;\n";
        assert!(loading.ends_with(end), "{loading}");
    }

    #[test]
    fn a_chunk_is_called_as_the_sources_call_it_or_shared() {
        assert_eq!(name("split_rest"), Some("rest"));
        assert_eq!(name("chunk_3"), Some("shared"));
        assert_eq!(name("main"), None);
    }

    #[test]
    fn glue_that_is_not_known_stops_the_build() {
        for glue in
            ["const a = 1;\n", "import * as a from \"./other.js\"\n", "import \"./chunk.js\""]
        {
            assert_eq!(with_loader(glue, &needs()), None, "{glue}");
        }
    }
}
