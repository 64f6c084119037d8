//! Changes to the JavaScript and the types that wasm-bindgen writes. Every one must match exactly once: a wasm-bindgen
//! that writes something else stops the build instead of shipping unpatched glue.

use anyhow::{Result, bail};

/// 1. `instanceof WebAssembly.Module` is false for a module that another realm compiled (Next's edge runtime hands one
///    over), and the glue would then compile the module object as if it were bytes. The object's own tag crosses realms.
/// 2. The asynchronous start is cut out: the package always starts with `initSync`, and a `fetch` or an
///    `import.meta.url` that nobody calls still trips bundlers and policies.
/// 3. A text crosses character by character as long as it is ASCII. From 64 characters on the encoder of the platform is
///    faster: a request of 400 characters in 0.5 to 0.8 us instead of 1.7 to 2.5 (Node, Deno, workerd; at 32 characters
///    the loop still wins). What is not ASCII does not fit, and is read again as before.
pub fn patch_script(glue: &str) -> Result<String> {
    let instance_of = "!(module instanceof WebAssembly.Module)";
    let by_tag = "Object.prototype.toString.call(module) !== '[object WebAssembly.Module]'";
    let script = replace(glue, instance_of, by_tag)?;
    let script = cut(&script, "async function __wbg_load(", "function initSync(")?;
    let script = cut(&script, "let __wbg_init_promise;", "export { initSync, __wbg_init as default };")?;
    let script = replace(&script, "export { initSync, __wbg_init as default };", "export { initSync };")?;
    let by_character = "    for (; offset < len; offset++) {";
    let at_once = "    if (len > 64 && cachedTextEncoder.encodeInto(arg, mem.subarray(ptr, ptr + len)).read === len) offset = len;\n";
    let script = replace(&script, by_character, &format!("{at_once}{by_character}"))?;
    for word in ["fetch(", "import.meta", "instanceof WebAssembly", "async "] {
        if script.contains(word) {
            bail!("the patched glue still has `{word}`: look at what wasm-bindgen writes now, and at build/glue.rs");
        }
    }
    Ok(script)
}

/// The types lose what the script lost. `InitInput` names types of the DOM, which the package does not compile with.
pub fn patch_types(types: &str) -> Result<String> {
    let types = cut(types, "export type InitInput =", "export interface InitOutput")?;
    let start = "/**\n * If `module_or_path` is {RequestInfo} or {URL}";
    let Some(tail) = types.find(start) else { return mismatch(start, 0) };
    Ok(format!("{}\n", types[..tail].trim_end()))
}

fn replace(text: &str, old: &str, new: &str) -> Result<String> {
    match text.matches(old).count() {
        1 => Ok(text.replacen(old, new, 1)),
        count => mismatch(old, count),
    }
}

/// Removes from `from` up to, not including, `to`.
fn cut(text: &str, from: &str, to: &str) -> Result<String> {
    for word in [from, to] {
        let count = text.matches(word).count();
        if count != 1 {
            return mismatch(word, count);
        }
    }
    match (text.find(from), text.find(to)) {
        (Some(start), Some(end)) if start < end => Ok(format!("{}{}", &text[..start], &text[end..])),
        _ => mismatch(from, 0),
    }
}

fn mismatch(word: &str, count: usize) -> Result<String> {
    bail!("a patch of the glue matches {count} times instead of once: `{word}`. See xtask/src/build/glue.rs")
}

#[cfg(test)]
mod tests {
    use super::{cut, patch_script, replace};

    #[test]
    fn a_patch_that_matches_twice_or_never_stops_the_build() {
        assert_eq!(replace("a b c", "b", "x").expect("once"), "a x c");
        assert!(replace("b b", "b", "x").is_err());
        assert!(replace("a", "b", "x").is_err());
        assert_eq!(cut("keep FROM gone TO rest", "FROM", "TO").expect("once"), "keep TO rest");
        assert!(cut("TO before FROM", "FROM", "TO").is_err());
    }

    #[test]
    fn unknown_glue_stops_the_build() {
        assert!(patch_script("export default function () {}").is_err());
    }
}
