//! The functions of a WebAssembly in an order that compresses better: what begins alike stands side
//! by side, so that brotli finds in one function what it has seen in another. Nothing else changes,
//! and the order of a compiler means nothing to a browser, which compiles a function when it is
//! first called.

use std::convert::Infallible;

use wasm_encoder::reencode::{Error, Reencode};
use wasm_encoder::{CodeSection, FunctionSection, Module};
use wasmparser::{
    CodeSectionReader, FunctionBody, FunctionSectionReader, Parser, Payload, TypeRef,
};

use crate::border::unreadable;
use crate::process::Result;

/// The WebAssembly with its functions in the order of their bytes.
pub(crate) fn by_likeness(wasm: &[u8]) -> Result<Vec<u8>> {
    let mut module = Module::new();
    Order::of(wasm)
        .map_err(unreadable)?
        .parse_core_module(&mut module, Parser::new(0), wasm)
        .map_err(unreadable)?;
    Ok(module.finish())
}

/// Where each function goes.
struct Order {
    /// How many functions are imported: they come before all others and stay where they are.
    imported: u32,
    /// The old places of the functions that are not, in their new order.
    old: Vec<usize>,
    /// Their new places, in their old order.
    new: Vec<u32>,
}

impl Order {
    fn of(wasm: &[u8]) -> wasmparser::Result<Self> {
        let mut imported = 0;
        let mut bodies: Vec<&[u8]> = Vec::new();
        for payload in Parser::new(0).parse_all(wasm) {
            match payload? {
                Payload::ImportSection(imports) => {
                    for import in imports.into_imports() {
                        let is_function = matches!(import?.ty, TypeRef::Func(_));
                        imported += u32::from(is_function);
                    }
                }
                Payload::CodeSectionEntry(body) => bodies.push(body.as_bytes()),
                _ => {}
            }
        }
        let mut old: Vec<usize> = (0..bodies.len()).collect();
        old.sort_by_key(|at| bodies[*at]);
        let mut new = vec![imported; old.len()];
        for (place, at) in (imported..).zip(&old) {
            new[*at] = place;
        }
        Ok(Self { imported, old, new })
    }
}

impl Reencode for Order {
    type Error = Infallible;

    fn function_index(&mut self, function: u32) -> std::result::Result<u32, Error<Infallible>> {
        let own = function.checked_sub(self.imported).and_then(|at| self.new.get(at as usize));
        Ok(own.copied().unwrap_or(function))
    }

    fn parse_function_section(
        &mut self,
        functions: &mut FunctionSection,
        section: FunctionSectionReader<'_>,
    ) -> std::result::Result<(), Error<Infallible>> {
        let types = section.into_iter().collect::<wasmparser::Result<Vec<u32>>>()?;
        for at in &self.old {
            functions.function(types[*at]);
        }
        Ok(())
    }

    fn parse_code_section(
        &mut self,
        code: &mut CodeSection,
        section: CodeSectionReader<'_>,
    ) -> std::result::Result<(), Error<Infallible>> {
        let bodies = section.into_iter().collect::<wasmparser::Result<Vec<FunctionBody<'_>>>>()?;
        for at in self.old.clone() {
            self.parse_function_body(code, bodies[at].clone())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use wasm_encoder::{
        ConstExpr, ElementSection, Elements, EntityType, ExportKind, ExportSection, Function,
        ImportSection, RefType, TableSection, TableType, TypeSection, ValType,
    };
    use wasmparser::{ElementItems, Operator};

    use super::*;

    /// A module that imports a function, and has those with these numbers: each calls the one
    /// before it, and yields its number. The last is exported, and all are in a table.
    fn module(numbers: &[i32]) -> Vec<u8> {
        let mut types = TypeSection::new();
        types.ty().function([], [ValType::I32]);
        let mut imports = ImportSection::new();
        imports.import("./glue.js", "zero", EntityType::Function(0));
        let (mut functions, mut code) = (FunctionSection::new(), CodeSection::new());
        for (before, number) in (0..).zip(numbers) {
            functions.function(0);
            let mut body = Function::new([]);
            body.instructions().i32_const(*number).call(before).drop().end();
            code.function(&body);
        }
        let count = numbers.len() as u32;
        let mut tables = TableSection::new();
        tables.table(TableType {
            element_type: RefType::FUNCREF,
            table64: false,
            minimum: u64::from(count),
            maximum: None,
            shared: false,
        });
        let mut exports = ExportSection::new();
        exports.export("last", ExportKind::Func, count);
        let mut elements = ElementSection::new();
        let all: Vec<u32> = (1..=count).collect();
        elements.active(None, &ConstExpr::i32_const(0), Elements::Functions(all.into()));
        let mut module = Module::new();
        module.section(&types).section(&imports).section(&functions).section(&tables);
        module.section(&exports).section(&elements).section(&code);
        module.finish()
    }

    /// What each function yields and which it calls, by the places they have now.
    fn bodies(wasm: &[u8]) -> Vec<(i32, u32)> {
        let body = |body: FunctionBody<'_>| {
            let mut operators = body.get_operators_reader().expect("it has operators");
            let mut next = || operators.read().expect("there is one more");
            match (next(), next()) {
                (Operator::I32Const { value }, Operator::Call { function_index }) => {
                    (value, function_index)
                }
                other => panic!("{other:?}"),
            }
        };
        let bodies = Parser::new(0).parse_all(wasm).filter_map(|payload| match payload {
            Ok(Payload::CodeSectionEntry(it)) => Some(body(it)),
            _ => None,
        });
        bodies.collect()
    }

    #[test]
    fn functions_are_in_the_order_of_their_bytes_and_call_the_same_as_before() {
        let ordered = by_likeness(&module(&[3, 1, 2])).expect("it is a module");
        // 3 called what is imported, 1 called 3, and 2 called 1.
        assert_eq!(bodies(&ordered), [(1, 3), (2, 1), (3, 0)]);
        for payload in Parser::new(0).parse_all(&ordered) {
            match payload.expect("it is a module") {
                Payload::ExportSection(exports) => {
                    let last = exports.into_iter().next().expect("there is one").expect("one");
                    assert_eq!(last.index, 2, "the one that yields 2");
                }
                Payload::ElementSection(elements) => {
                    let element = elements.into_iter().next().expect("there is one").expect("one");
                    let ElementItems::Functions(all) = element.items else {
                        panic!("they are functions");
                    };
                    let all: Vec<u32> = all.into_iter().map(|it| it.expect("one")).collect();
                    assert_eq!(all, [3, 1, 2], "3, 1 and 2");
                }
                _ => {}
            }
        }
    }

    #[test]
    fn what_is_in_order_stays_as_it_is() {
        let ordered = by_likeness(&module(&[3, 1, 2])).expect("it is a module");
        assert_eq!(by_likeness(&ordered).ok(), Some(ordered));
    }

    #[test]
    fn what_is_no_webassembly_stops_the_build() {
        assert!(by_likeness(b"\0asm").is_err());
    }
}
