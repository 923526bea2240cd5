//! Which calls of the WebAssembly could make HTML of a text.
//!
//! The glue only shows that there is such a function. What matters is what it is called with, and
//! that stands in the code: every call must have an empty text, written there as a constant.

use wasmparser::{ElementItems, Operator, Parser, Payload, TypeRef};

/// What is wrong with the calls of the imported function whose name starts like this. Text that
/// is no WebAssembly has no calls.
pub(crate) fn calls_with_text(wasm: &[u8], import: &str) -> Vec<String> {
    if !wasm.starts_with(b"\0asm") {
        return Vec::new();
    }
    look(wasm, import).unwrap_or_else(|error| vec![format!("it cannot be read: {error}")])
}

fn look(wasm: &[u8], import: &str) -> wasmparser::Result<Vec<String>> {
    let mut function = None;
    let mut found = Vec::new();
    for payload in Parser::new(0).parse_all(wasm) {
        match payload? {
            Payload::ImportSection(imports) => {
                let mut number = 0;
                for entry in imports.into_imports() {
                    let entry = entry?;
                    if !matches!(entry.ty, TypeRef::Func(_) | TypeRef::FuncExact(_)) {
                        continue;
                    }
                    if entry.name.starts_with(import) {
                        function = Some(number);
                    }
                    number += 1;
                }
            }
            // What is in a table can be called from anywhere, from another file too.
            Payload::ElementSection(elements) => {
                for element in elements {
                    if holds(&element?.items, function)? {
                        found.push("a way to make HTML that is not a plain call".to_owned());
                    }
                }
            }
            Payload::CodeSectionEntry(body) => {
                let mut length_is_zero = false;
                for operator in body.get_operators_reader()? {
                    let operator = operator?;
                    match operator {
                        Operator::Call { function_index }
                            if Some(function_index) == function && !length_is_zero =>
                        {
                            found.push("a call that makes HTML of a text".to_owned());
                        }
                        Operator::RefFunc { function_index }
                        | Operator::ReturnCall { function_index }
                            if Some(function_index) == function =>
                        {
                            found.push("a way to make HTML that is not a plain call".to_owned());
                        }
                        _ => {}
                    }
                    length_is_zero = matches!(operator, Operator::I32Const { value: 0 });
                }
            }
            _ => {}
        }
    }
    Ok(found)
}

/// Whether this function is among what a table begins with.
fn holds(items: &ElementItems<'_>, function: Option<u32>) -> wasmparser::Result<bool> {
    let is_it = |index| Some(index) == function;
    match items {
        ElementItems::Functions(all) => {
            for index in all.clone() {
                if is_it(index?) {
                    return Ok(true);
                }
            }
        }
        ElementItems::Expressions(_, all) => {
            for expression in all.clone() {
                for operator in expression?.get_operators_reader() {
                    if matches!(operator?, Operator::RefFunc { function_index } if is_it(function_index))
                    {
                        return Ok(true);
                    }
                }
            }
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A module that imports `n.set_html_1` and `n.other`, in this order or the other, and whose
    /// one function calls the import `called` with an element, a place and a length.
    fn module(names: [&str; 2], called: u8, length: u8) -> Vec<u8> {
        let mut imports = vec![2];
        for name in names {
            imports.extend([1, b'n', u8::try_from(name.len()).expect("a short name")]);
            imports.extend(name.as_bytes());
            imports.extend([0, 0]);
        }
        let body = [0, 0x41, 7, 0x41, 1, 0x41, length, 0x10, called, 0x0b];
        let mut code = vec![1, u8::try_from(body.len()).expect("a short body")];
        code.extend(body);
        let mut module = b"\0asm\x01\0\0\0".to_vec();
        let types = vec![2, 0x60, 3, 0x7f, 0x7f, 0x7f, 0, 0x60, 0, 0];
        for (number, section) in [(1, types), (2, imports), (3, vec![1, 1]), (10, code)] {
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
            let found =
                |called, length| calls_with_text(&module(names, called, length), "set_html_");
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
                let found = calls_with_text(&module, "set_html_");
                assert_eq!(found.len(), usize::from(html), "{found:?}");
            }
        }
    }

    #[test]
    fn what_cannot_be_read_is_not_let_through() {
        assert_eq!(calls_with_text(b"\0asm\x01\0\0\0\x01\x7f", "x").len(), 1);
        assert_eq!(calls_with_text(b"text", "x"), Vec::<String>::new());
    }
}
