//! The border between the glue and the first WebAssembly: what each has for the other, by name.
//!
//! wasm-bindgen exports whatever any crate wants to be exported, names what crosses the border by a
//! hash, which no compression makes shorter, and writes the name twice, once into each file. Here
//! what nobody calls is taken out, and what is left gets short names.

use std::collections::{BTreeMap, BTreeSet};

use wasm_encoder::reencode::{Error, Reencode, utils};
use wasm_encoder::{ExportSection, ImportSection, Module};
use wasmparser::{Export, Import, ImportSectionReader, Parser, Payload};

use crate::process::{Failure, Result};

/// Both sides of the border.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Border {
    /// The script that wasm-bindgen wrote.
    pub(crate) glue: String,
    /// The WebAssembly that it loads.
    pub(crate) wasm: Vec<u8>,
}

/// What the chunks `wasms` import from the first WebAssembly.
pub(crate) fn taken(wasms: &[Vec<u8>]) -> Result<BTreeSet<String>> {
    let names = wasms.iter().map(|wasm| imports(wasm));
    Ok(names.collect::<Result<Vec<_>>>()?.into_iter().flatten().collect())
}

impl Border {
    /// Takes out the classes of the glue that nothing in it uses, and the exports that neither the
    /// glue nor a chunk asks for: a chunk does for what is in `taken`. What only they have reached
    /// is left to wasm-opt.
    ///
    /// No page uses a class of the glue: none is handed to one. They come with wasm-streams, which
    /// leptos has for streams from a server of its own.
    pub(crate) fn without_exports(self, taken: &BTreeSet<String>) -> Result<Self> {
        let glue = without_classes(&self.glue);
        let asked: BTreeSet<&str> = glue
            .match_indices("wasm.")
            .filter_map(|(at, start)| glue.get(at + start.len()..))
            .map(|rest| rest.split_once(|it| !is_of_name(it)).map_or(rest, |(name, _)| name))
            .collect();
        let keep =
            |name: &str| (asked.contains(name) || taken.contains(name)).then(|| name.to_owned());
        let wasm = renamed(&self.wasm, &str::to_owned, &keep)?;
        Ok(Self { glue, wasm })
    }

    /// Takes out the functions of the glue that the WebAssembly does not import, and gives the rest
    /// of what crosses the border a short name, except for names that start with one of `known`.
    pub(crate) fn with_short_names(self, known: &[&str]) -> Result<Self> {
        let imported = imports(&self.wasm)?;
        let set: BTreeSet<&str> = imported.iter().map(String::as_str).collect();
        let glue = without_functions(&self.glue, &set);
        let mangled = exports(&self.wasm)?.into_iter().filter(|name| name.starts_with("_ZN"));
        let is_known = |name: &String| known.iter().any(|start| name.starts_with(start));
        let names: BTreeMap<String, String> = imported
            .into_iter()
            .chain(mangled)
            .filter(|name| name.starts_with('_') && name.len() > 4 && !is_known(name))
            .enumerate()
            .map(|(number, name)| (name, format!("${number}")))
            .collect();
        let new = |name: &str| names.get(name).map_or(name, String::as_str).to_owned();
        let wasm = renamed(&self.wasm, &new, &|name| Some(new(name)))?;
        Ok(Self { glue: with_names(&glue, &names), wasm })
    }
}

/// The glue without its classes: they are exported, and nothing in the glue makes one.
fn without_classes(glue: &str) -> String {
    const START: &str = "export class ";
    let mut kept = glue.to_owned();
    while let Some((before, rest)) = kept.split_once(START) {
        let name: String = rest.chars().take_while(|it| is_of_name(*it)).collect();
        let Some((_, after)) = rest.split_once("\n}\n") else { break };
        let after = without_statement(after, &format!("if (Symbol.dispose) {name}."));
        let after = without_statement(&after, &format!("const {name}Finalization = "));
        kept = format!("{before}{after}");
    }
    kept
}

/// The text without the one statement that starts like this.
fn without_statement(text: &str, start: &str) -> String {
    let parts = text.split_once(start).and_then(|(before, rest)| {
        let (_, after) = rest.split_once(";\n")?;
        Some(format!("{before}{after}"))
    });
    parts.unwrap_or_else(|| text.to_owned())
}

/// The glue without the functions for the WebAssembly that it does not import.
fn without_functions(glue: &str, imported: &BTreeSet<&str>) -> String {
    // How deep wasm-bindgen indents what it hands to the WebAssembly.
    const DEPTH: &str = "        ";
    let mut kept = String::new();
    let mut lines = glue.lines();
    while let Some(line) = lines.next() {
        let name = line.strip_prefix(DEPTH).and_then(|line| line.split_once(": function("));
        match name {
            Some((name, _)) if name.starts_with("__wb") && !imported.contains(name) => {
                let _ = lines.by_ref().find(|line| line.starts_with(&format!("{DEPTH}}}")));
            }
            _ => {
                kept.push_str(line);
                kept.push('\n');
            }
        }
    }
    kept
}

/// The text with other names.
fn with_names(text: &str, names: &BTreeMap<String, String>) -> String {
    let mut changed = String::new();
    let mut rest = text;
    while let Some(start) = rest.find(is_of_name) {
        let (between, from) = rest.split_at(start);
        let end = from.find(|it| !is_of_name(it)).unwrap_or(from.len());
        let (name, after) = from.split_at(end);
        changed.push_str(between);
        changed.push_str(names.get(name).map_or(name, String::as_str));
        rest = after;
    }
    changed + rest
}

fn is_of_name(it: char) -> bool {
    it.is_ascii_alphanumeric() || it == '_' || it == '$'
}

fn imports(wasm: &[u8]) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for payload in Parser::new(0).parse_all(wasm) {
        if let Payload::ImportSection(imports) = payload.map_err(unreadable)? {
            for import in imports.into_imports() {
                names.push(import.map_err(unreadable)?.name.to_owned());
            }
        }
    }
    Ok(names)
}

fn exports(wasm: &[u8]) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for payload in Parser::new(0).parse_all(wasm) {
        if let Payload::ExportSection(exports) = payload.map_err(unreadable)? {
            for export in exports {
                names.push(export.map_err(unreadable)?.name.to_owned());
            }
        }
    }
    Ok(names)
}

/// The WebAssembly with the names that `import` and `export` give to what crosses its border; what
/// `export` gives none is exported no more.
fn renamed(
    wasm: &[u8],
    import: &dyn Fn(&str) -> String,
    export: &dyn Fn(&str) -> Option<String>,
) -> Result<Vec<u8>> {
    let mut module = Module::new();
    Renaming { import, export }
        .parse_core_module(&mut module, Parser::new(0), wasm)
        .map_err(unreadable)?;
    Ok(module.finish())
}

struct Renaming<'a> {
    import: &'a dyn Fn(&str) -> String,
    export: &'a dyn Fn(&str) -> Option<String>,
}

impl Reencode for Renaming<'_> {
    type Error = std::convert::Infallible;

    fn parse_import_section(
        &mut self,
        imports: &mut ImportSection,
        section: ImportSectionReader<'_>,
    ) -> std::result::Result<(), Error<Self::Error>> {
        for import in section.into_imports() {
            let import = import?;
            let name = (self.import)(import.name);
            utils::parse_import(self, imports, Import { name: &name, ..import })?;
        }
        Ok(())
    }

    fn parse_export(
        &mut self,
        exports: &mut ExportSection,
        export: Export<'_>,
    ) -> std::result::Result<(), Error<Self::Error>> {
        match (self.export)(export.name) {
            Some(name) => utils::parse_export(self, exports, Export { name: &name, ..export }),
            None => Ok(()),
        }
    }
}

/// That a WebAssembly of the build is none that this program can read.
pub(crate) fn unreadable(error: impl std::fmt::Display) -> Failure {
    Failure::new(
        format!("The WebAssembly of the build cannot be read: {error}."),
        "Check the versions of wasm-bindgen and wasm-opt, and see xtask/src/split.rs.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_encoder::{
        CodeSection, EntityType, ExportKind, Function, FunctionSection, TypeSection,
    };

    const GLUE: &str = "export class Stream {\n    free() {\n        \
        wasm.__wbg_stream_free(this.ptr);\n    }\n}\n\
        if (Symbol.dispose) Stream.prototype[Symbol.dispose] = Stream.prototype.free;\n\
        function __wbg_get_imports() {\n    const import0 = {\n        \
        __wbg_used_0123456789abcdef: function(arg0) {\n            return arg0;\n        },\n        \
        __wbg_unused_fedcba9876543210: function() { return handle(function (arg0) {\n            \
        use(arg0);\n        }, arguments); },\n        \
        __wbg_set_innerHTML_77: function(arg0) {\n            arg0();\n        },\n    };\n}\n\
        function _ZN4callE(arg0) {\n    wasm._ZN4callE(arg0);\n}\n\
        const StreamFinalization = new Registry(ptr => wasm.__wbg_stream_free(ptr));\n\
        wasm.__wbindgen_start();\n";

    /// A module that imports and exports functions of these names.
    fn module(imported: &[&str], exported: &[&str]) -> Vec<u8> {
        let mut types = TypeSection::new();
        types.ty().function([], []);
        let mut imports = ImportSection::new();
        for name in imported {
            imports.import("./glue.js", name, EntityType::Function(0));
        }
        let mut functions = FunctionSection::new();
        functions.function(0);
        let mut exports = ExportSection::new();
        for name in exported {
            exports.export(name, ExportKind::Func, 0);
        }
        let mut code = CodeSection::new();
        let mut body = Function::new([]);
        body.instructions().end();
        code.function(&body);
        let mut module = Module::new();
        module.section(&types).section(&imports).section(&functions);
        module.section(&exports).section(&code);
        module.finish()
    }

    fn border() -> Border {
        let imported = ["__wbg_used_0123456789abcdef", "__wbg_set_innerHTML_77"];
        let exported = ["__wbg_stream_free", "_ZN4callE", "__wbindgen_start", "shared", "other"];
        Border { glue: GLUE.to_owned(), wasm: module(&imported, &exported) }
    }

    fn of(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    #[test]
    fn what_nobody_asks_for_is_exported_no_more() {
        let chunk = module(&["shared"], &[]);
        let taken = taken(&[chunk]).expect("it is a module");
        let Border { glue, wasm } = border().without_exports(&taken).expect("it is a module");
        assert_eq!(exports(&wasm).ok(), Some(of(&["_ZN4callE", "__wbindgen_start", "shared"])));
        assert!(!glue.contains("Stream"), "{glue}");
        assert!(glue.starts_with("function __wbg_get_imports"), "{glue}");
        assert!(glue.ends_with("}\nwasm.__wbindgen_start();\n"), "{glue}");
    }

    #[test]
    fn both_sides_have_the_same_short_names() {
        let Border { glue, wasm } =
            border().with_short_names(&["__wbg_set_innerHTML_"]).expect("it is a module");
        assert_eq!(imports(&wasm).ok(), Some(of(&["$0", "__wbg_set_innerHTML_77"])));
        let exported = exports(&wasm).expect("it is a module");
        assert_eq!(exported.get(1).map(String::as_str), Some("$1"), "{exported:?}");
        assert!(
            glue.contains("        $0: function(arg0) {\n            return arg0;\n        },\n")
        );
        assert!(glue.contains("function $1(arg0) {\n    wasm.$1(arg0);\n}\n"), "{glue}");
        assert!(glue.contains("__wbg_set_innerHTML_77: function"), "{glue}");
        assert!(glue.contains("__wbindgen_start"), "{glue}");
    }

    #[test]
    fn a_function_that_is_not_imported_goes_with_its_body() {
        let set = BTreeSet::from(["__wbg_used_0123456789abcdef", "__wbg_set_innerHTML_77"]);
        let glue = without_functions(GLUE, &set);
        assert!(!glue.contains("unused") && !glue.contains("use(arg0)"), "{glue}");
        assert_eq!(glue.lines().count() + 3, GLUE.lines().count());
    }

    #[test]
    fn only_whole_names_are_changed() {
        let names = BTreeMap::from([("_ab".to_owned(), "$0".to_owned())]);
        assert_eq!(
            with_names("_ab(x_ab, _abc, `${_ab}`)._ab", &names),
            "$0(x_ab, _abc, `${$0}`).$0"
        );
    }

    #[test]
    fn what_is_no_webassembly_stops_the_build() {
        let broken = || Border { glue: String::new(), wasm: b"\0asm".to_vec() };
        assert!(broken().without_exports(&BTreeSet::new()).is_err());
        assert!(broken().with_short_names(&[]).is_err());
    }
}
