//! Changes to the JavaScript and the types that wasm-bindgen generates.
//!
//! Each change must match exactly once: if a wasm-bindgen generates something else, the build
//! fails instead of shipping unpatched code.

use anyhow::{Result, bail};

/// Patches the script:
///
/// 1. `instanceof WebAssembly.Module` is false for a module that another realm compiled, as Next's
///    edge runtime does; the script would then compile the module object as if it were bytes. The
///    object's own tag is the same in every realm.
/// 2. The asynchronous start is removed. The package always calls `initSync`, and an unused `fetch`
///    or `import.meta.url` still disturbs bundlers and policies.
/// 3. The script copies a text character by character while it is ASCII. From 64 characters on, the
///    platform's encoder is used, which is faster (measured: see performance.md, Text encoding).
///    Where the text is not ASCII, the encoder's output does not fit and the loop runs as before.
pub fn patch_script(script: &str) -> Result<String> {
    let instance_of = "!(module instanceof WebAssembly.Module)";
    let by_tag = "Object.prototype.toString.call(module) !== '[object WebAssembly.Module]'";
    let script = replace(script, instance_of, by_tag)?;
    let script = cut(&script, "async function __wbg_load(", "function initSync(")?;
    let exports = "export { initSync, __wbg_init as default };";
    let script = cut(&script, "let __wbg_init_promise;", exports)?;
    let script = replace(&script, exports, "export { initSync };")?;
    let by_character = "    for (; offset < len; offset++) {";
    let at_once = concat!(
        "    if (len > 64 && ",
        "cachedTextEncoder.encodeInto(arg, mem.subarray(ptr, ptr + len)).read === len) ",
        "offset = len;\n"
    );
    let script = replace(&script, by_character, &format!("{at_once}{by_character}"))?;
    for word in ["fetch(", "import.meta", "instanceof WebAssembly", "async "] {
        if script.contains(word) {
            bail!(
                "The patched bindings still contain `{word}`: compare what wasm-bindgen generates \
                 with xtask/src/build/patch_bindings.rs."
            );
        }
    }
    Ok(script)
}

/// Removes the types of what `patch_script` removes. `InitInput` names types of the DOM, without
/// which the package is compiled.
pub fn patch_types(types: &str) -> Result<String> {
    let types = cut(types, "export type InitInput =", "export interface InitOutput")?;
    let start = "/**\n * If `module_or_path` is {RequestInfo} or {URL}";
    let Some(index) = types.find(start) else { return mismatch(start, 0) };
    Ok(format!("{}\n", types[..index].trim_end()))
}

fn replace(text: &str, old: &str, new: &str) -> Result<String> {
    match text.matches(old).count() {
        1 => Ok(text.replacen(old, new, 1)),
        count => mismatch(old, count),
    }
}

/// Removes the text from `start` up to, but not including, `end`.
fn cut(text: &str, start: &str, end: &str) -> Result<String> {
    for word in [start, end] {
        let count = text.matches(word).count();
        if count != 1 {
            return mismatch(word, count);
        }
    }
    match (text.find(start), text.find(end)) {
        (Some(from), Some(to)) if from < to => Ok(format!("{}{}", &text[..from], &text[to..])),
        _ => mismatch(start, 0),
    }
}

fn mismatch(word: &str, count: usize) -> Result<String> {
    bail!(
        "A patch of the bindings matches {count} times instead of once: compare `{word}` in \
         xtask/src/build/patch_bindings.rs with what wasm-bindgen generates."
    )
}

#[cfg(test)]
mod tests {
    use super::{cut, patch_script, replace};

    #[test]
    fn a_patch_that_matches_twice_or_never_fails() {
        assert_eq!(replace("a b c", "b", "x").expect("one match"), "a x c");
        assert!(replace("b b", "b", "x").is_err());
        assert!(replace("a", "b", "x").is_err());
        assert_eq!(cut("keep FROM gone TO rest", "FROM", "TO").expect("one match"), "keep TO rest");
        assert!(cut("TO before FROM", "FROM", "TO").is_err());
    }

    #[test]
    fn unknown_bindings_are_not_patched() {
        assert!(patch_script("export default function () {}").is_err());
    }
}
