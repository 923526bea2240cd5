//! Which calls of the WebAssembly could make HTML of a text.
//!
//! The glue only shows that there is such a function. What matters is what it is called with, and
//! that stands in the code: every call must have an empty text, written there as a constant. Where
//! one file calls it for another, it stands in the table that they share, in a function that passes
//! on what it gets: then every call of that place must have an empty text. (Whatever calls it, the
//! function that [`crate::finish`] leaves in the glue refuses every text.)

use std::collections::BTreeSet;

use wasmparser::{ElementItems, ElementKind, Operator, Parser, Payload, TypeRef};

/// The places in the table that files share where a function of this file passes on what it gets to
/// the imported function whose name starts like this, and does nothing else.
pub(crate) fn passed_on(wasm: &[u8], import: &str) -> BTreeSet<i32> {
    find_passed_on(wasm, import).unwrap_or_default()
}

/// What is wrong with the calls of the imported function whose name starts like this, and of the
/// places `passed_on`. Text that is no WebAssembly has no calls.
pub(crate) fn calls_with_text(wasm: &[u8], import: &str, passed_on: &BTreeSet<i32>) -> Vec<String> {
    if !wasm.starts_with(b"\0asm") {
        return Vec::new();
    }
    look(wasm, import, passed_on)
        .unwrap_or_else(|error| vec![format!("it cannot be read: {error}")])
}

fn look(wasm: &[u8], import: &str, passed_on: &BTreeSet<i32>) -> wasmparser::Result<Vec<String>> {
    let mut function = None;
    let mut found = Vec::new();
    for payload in Parser::new(0).parse_all(wasm) {
        match payload? {
            Payload::ImportSection(imports) => function = number_of(imports, import)?,
            // What is in a table can be called from anywhere, from another file too.
            Payload::ElementSection(elements) => {
                for element in elements {
                    if items(&element?.items)?.into_iter().any(|it| it.is_some() && it == function)
                    {
                        found.push("a way to make HTML that is not a plain call".to_owned());
                    }
                }
            }
            Payload::CodeSectionEntry(body) => {
                if passes_on(&body, function)? {
                    continue;
                }
                // The constants, if they are, that the last two operators have put down.
                let mut constants = [None; 2];
                for operator in body.get_operators_reader()? {
                    let operator = operator?;
                    let is_plain = match operator {
                        Operator::Call { function_index } if Some(function_index) == function => {
                            constants[1] == Some(0)
                        }
                        Operator::CallIndirect { .. }
                            if constants[1].is_some_and(|it| passed_on.contains(&it)) =>
                        {
                            constants[0] == Some(0)
                        }
                        _ => true,
                    };
                    if !is_plain {
                        found.push("a call that makes HTML of a text".to_owned());
                    }
                    if let Operator::RefFunc { function_index }
                    | Operator::ReturnCall { function_index } = operator
                        && Some(function_index) == function
                    {
                        found.push("a way to make HTML that is not a plain call".to_owned());
                    }
                    let constant = match operator {
                        Operator::I32Const { value } => Some(value),
                        _ => None,
                    };
                    constants = [constants[1], constant];
                }
            }
            _ => {}
        }
    }
    Ok(found)
}

fn find_passed_on(wasm: &[u8], import: &str) -> wasmparser::Result<BTreeSet<i32>> {
    let mut function = None;
    // How many functions there are before the next one with a body.
    let mut number = 0;
    let mut table = Vec::new();
    let mut passing = BTreeSet::new();
    for payload in Parser::new(0).parse_all(wasm) {
        match payload? {
            Payload::ImportSection(imports) => {
                function = number_of(imports.clone(), import)?;
                number = number_of(imports, "")?.map_or(0, |last| last + 1);
            }
            Payload::ElementSection(elements) => {
                for element in elements {
                    let element = element?;
                    let ElementKind::Active { table_index: None | Some(0), offset_expr } =
                        element.kind
                    else {
                        continue;
                    };
                    let Operator::I32Const { value } = offset_expr.get_operators_reader().read()?
                    else {
                        continue;
                    };
                    table.extend((value..).zip(items(&element.items)?));
                }
            }
            Payload::CodeSectionEntry(body) => {
                if passes_on(&body, function)? {
                    passing.insert(Some(number));
                }
                number += 1;
            }
            _ => {}
        }
    }
    Ok(table.into_iter().filter(|(_, it)| passing.contains(it)).map(|(place, _)| place).collect())
}

/// The number of the last imported function whose name starts like this.
fn number_of(
    imports: wasmparser::ImportSectionReader<'_>,
    start: &str,
) -> wasmparser::Result<Option<u32>> {
    let mut found = None;
    let mut number = 0;
    for entry in imports.into_imports() {
        let entry = entry?;
        if matches!(entry.ty, TypeRef::Func(_) | TypeRef::FuncExact(_)) {
            if entry.name.starts_with(start) {
                found = Some(number);
            }
            number += 1;
        }
    }
    Ok(found)
}

/// Whether a function does nothing but call `function` with what it gets, in that order.
fn passes_on(
    body: &wasmparser::FunctionBody<'_>,
    function: Option<u32>,
) -> wasmparser::Result<bool> {
    let mut next = 0;
    let mut calls = 0;
    for operator in body.get_operators_reader()? {
        match operator? {
            Operator::LocalGet { local_index } if calls == 0 && local_index == next => next += 1,
            // The element is in a table of its own.
            Operator::TableGet { .. } if calls == 0 && next == 1 => {}
            Operator::Call { function_index } if Some(function_index) == function => calls += 1,
            Operator::End => {}
            _ => return Ok(false),
        }
    }
    Ok(calls == 1 && next == 3)
}

/// The functions that a table begins with, where they are known.
fn items(items: &ElementItems<'_>) -> wasmparser::Result<Vec<Option<u32>>> {
    match items {
        ElementItems::Functions(all) => all.clone().into_iter().map(|it| it.map(Some)).collect(),
        ElementItems::Expressions(_, all) => {
            let function = |expression: wasmparser::ConstExpr<'_>| {
                Ok(match expression.get_operators_reader().read()? {
                    Operator::RefFunc { function_index } => Some(function_index),
                    _ => None,
                })
            };
            all.clone().into_iter().map(|expression| function(expression?)).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: BTreeSet<i32> = BTreeSet::new();

    /// A module that imports `n.set_html_1` and `n.other`, in this order or the other, and whose
    /// one function calls the import `called` with an element, a place and a length.
    fn module(names: [&str; 2], called: u8, length: u8) -> Vec<u8> {
        with_body(names, &[], &[0x41, 7, 0x41, 1, 0x41, length, 0x10, called])
    }

    /// A module with these imports, this segment of its table, and one function of this body.
    fn with_body(names: [&str; 2], segment: &[u8], body: &[u8]) -> Vec<u8> {
        let mut imports = vec![2];
        for name in names {
            imports.extend([1, b'n', u8::try_from(name.len()).expect("a short name")]);
            imports.extend(name.as_bytes());
            imports.extend([0, 0]);
        }
        let body = [&[0], body, &[0x0b]].concat();
        let mut code = vec![1, u8::try_from(body.len()).expect("a short body")];
        code.extend(body);
        let mut module = b"\0asm\x01\0\0\0".to_vec();
        let types = vec![2, 0x60, 3, 0x7f, 0x7f, 0x7f, 0, 0x60, 0, 0];
        let segment = segment.to_vec();
        let sections = [(1, types), (2, imports), (3, vec![1, 1]), (9, segment), (10, code)];
        for (number, section) in sections.into_iter().filter(|(_, section)| !section.is_empty()) {
            module.extend([number, u8::try_from(section.len()).expect("a short section")]);
            module.extend(section);
        }
        module
    }

    #[test]
    fn only_an_empty_text_is_let_through() {
        for (names, html, other) in
            [(["set_html_1", "other"], 0, 1), (["other", "set_html_1"], 1, 0)]
        {
            let found = |called, length| {
                calls_with_text(&module(names, called, length), "set_html_", &NONE)
            };
            assert_eq!(found(html, 0), Vec::<String>::new());
            assert_eq!(found(html, 3), ["a call that makes HTML of a text"]);
            assert_eq!(found(other, 3), Vec::<String>::new());
        }
    }

    #[test]
    fn what_another_file_could_call_is_not_let_through() {
        // Before the code: a table from its first place on, of functions or of expressions.
        for (number, other) in [(0, 1), (1, 0)] {
            for (html, segment) in [
                (true, vec![1, 0, 0x41, 0, 0x0b, 1, number]),
                (false, vec![1, 0, 0x41, 0, 0x0b, 1, other]),
                (true, vec![1, 4, 0x41, 0, 0x0b, 1, 0xd2, number, 0x0b]),
                (false, vec![1, 4, 0x41, 0, 0x0b, 1, 0xd2, other, 0x0b]),
            ] {
                let names =
                    if number == 0 { ["set_html_1", "other"] } else { ["other", "set_html_1"] };
                let mut module = module(names, number, 0);
                // The last section: two bytes before one function of ten bytes and its length.
                let code = module.len() - 14;
                let mut section = vec![9, u8::try_from(segment.len()).expect("a short section")];
                section.extend(segment);
                module.splice(code..code, section);
                let found = calls_with_text(&module, "set_html_", &NONE);
                assert_eq!(found.len(), usize::from(html), "{found:?}");
            }
        }
    }

    #[test]
    fn what_one_file_passes_on_is_followed_into_the_others() {
        let names = ["other", "set_html_1"];
        // The table from its fifth place on: the function with a body, which is the third one.
        let table = [1, 0, 0x41, 5, 0x0b, 1, 2];
        let passed = |body: &[u8]| passed_on(&with_body(names, &table, body), "set_html_");
        let passes_on = [0x20, 0, 0x25, 1, 0x20, 1, 0x20, 2, 0x10, 1];
        let places = passed(&passes_on);
        assert_eq!(places, BTreeSet::from([5]));
        assert_eq!(passed(&[0x20, 0, 0x20, 1, 0x20, 2, 0x10, 1]), places);
        let main = with_body(names, &table, &passes_on);
        assert_eq!(calls_with_text(&main, "set_html_", &places), Vec::<String>::new());
        for other in [
            &[0x20, 0, 0x20, 1, 0x20, 2, 0x10, 0][..],
            &[0x20, 0, 0x20, 2, 0x20, 1, 0x10, 1],
            &[0x20, 0, 0x20, 1, 0x41, 1, 0x10, 1],
            &[0x20, 0, 0x20, 1, 0x20, 2, 0x10, 1, 0x20, 0, 0x20, 1, 0x20, 2, 0x10, 1],
        ] {
            assert_eq!(passed(other), NONE, "{other:?}");
        }
        // Another file: an element, a place, a length and the place in the table.
        for (length, place, faults) in [(0, 5, 0), (3, 5, 1), (3, 4, 0)] {
            let call = [0x41, 7, 0x41, 1, 0x41, length, 0x41, place, 0x11, 0, 0];
            let chunk = with_body(["a", "b"], &[], &call);
            assert_eq!(calls_with_text(&chunk, "set_html_", &places).len(), faults);
        }
    }

    #[test]
    fn what_cannot_be_read_is_not_let_through() {
        assert_eq!(calls_with_text(b"\0asm\x01\0\0\0\x01\x7f", "x", &NONE).len(), 1);
        assert_eq!(calls_with_text(b"text", "x", &NONE), Vec::<String>::new());
    }
}
