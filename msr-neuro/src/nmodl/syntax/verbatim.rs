//! VERBATIM blocks: C code that other programs paste into their output.
//!
//! Few things are written in C in real mechanisms, always the same: random streams, delayed weights kept in vectors, a
//! return from the middle of a block, messages. Blocks of these forms are replaced by NMODL with the same effect before
//! the file is parsed, which keeps brackets that open in one block and close in another. The NMODL may call natives:
//! `random_uniform(stream)`, `random_exponential(stream)`, `random_restart(stream)`, `vector_size(vector)`,
//! `vector_element(vector, index)`. What stands outside of any block (includes, C functions) has no effect and is left
//! out. All else stays a VERBATIM statement, which must not be reached.

use super::lexer::{self, Lexeme, Token};
use crate::nmodl::diagnostics::Span;

/// C in the form that [`words`] gives, `$a` standing for any word and `...` for any words; and what replaces it.
const IDIOMS: &[(&str, &str)] = &[
    ("", ""),
    ("return ;", "return"),
    ("} return ;", "} return"),
    // A stream starts anew.
    ("if ( usingR123 ) { nrnran123_setseq ( _p_$r , 0 , 0 ) ; }", "random_restart($r)"),
    (
        "if ( cvode_active_ && ! deterministic ) { hoc_execerror ( \"\" , \"\" ) ; } \
         if ( usingR123 ) { nrnran123_setseq ( _p_$r , 0 , 0 ) ; }",
        "random_restart($r)",
    ),
    // A uniform number; where no stream is set some files give a constant, which cannot happen here.
    (
        "if ( usingR123 ) { value = nrnran123_dblpick ( _p_$r ) ; } else if ( _p_$r ) \
         { value = nrn_random_pick ( _p_$r ) ; } else { value = $n ; } _l$f = value ;",
        "$f = random_uniform($r)",
    ),
    (
        "if ( _p_$r ) { if ( usingR123 ) { _l$f = nrnran123_dblpick ( _p_$r ) ; } else \
         { _l$f = nrn_random_pick ( _p_$r ) ; } } else { hoc_execerror ( \"\" , \"\" ) ; }",
        "$f = random_uniform($r)",
    ),
    (
        "if ( _p_$r ) { if ( usingR123 ) { _l$f = nrnran123_negexp ( _p_$r ) ; } else \
         { _l$f = nrn_random_pick ( _p_$r ) ; } } else { hoc_execerror ( \"\" , \"\" ) ; }",
        "$f = random_exponential($r)",
    ),
    // The binomial distribution: the number of successes in _lN trials.
    (
        "for ( i = 0 ; i < _l$n ; i ++ ) { if ( urand ( ) < _l$p ) { value = value + 1 ; } } return ( value ) ;",
        "LOCAL value, trial value = 0 FROM trial = 1 TO $n { if (urand() < $p) { value = value + 1 } }",
    ),
    // By rejection: drawn here as the sum of its trials, which has the same distribution.
    (
        "p = ( _l$p <= 0.5 % _l$p % 1 - _l$p ) ; am = _l$n * p ; if ( _l$n < 25 ) { ... return bnl ;",
        "LOCAL bnl, trial bnl = 0 FROM trial = 1 TO $n { if (urand() < $p) { bnl = bnl + 1 } }",
    ),
    // Weights that change at given delays.
    (
        "vv_delay_times = _p_delay_times ; vv_delay_weights = _p_delay_weights ; \
         if ( vv_delay_times && vector_capacity ( vv_delay_times ) >= 1 ) { \
         deltm_el = vector_vec ( vv_delay_times ) ; next_delay = 0 ; \
         for ( delay_times_idx = 0 ; delay_times_idx < vector_capacity ( vv_delay_times ) ; ++ delay_times_idx ) { \
         next_delay_t = deltm_el [ delay_times_idx ] ;",
        "if (vector_size(delay_times) >= 1) { LOCAL delay_index, next_delay_t next_delay = 0 \
         FROM delay_index = 0 TO vector_size(delay_times) - 1 { \
         next_delay_t = vector_element(delay_times, delay_index)",
    ),
    (
        "vv_delay_weights = _p_delay_weights ; \
         if ( vv_delay_weights && vector_capacity ( vv_delay_weights ) >= next_delay ) { \
         weights_v = vector_vec ( vv_delay_weights ) ; next_delay_weight = weights_v [ next_delay ] ;",
        "if (vector_size(delay_weights) >= next_delay) { LOCAL next_delay_weight \
         next_delay_weight = vector_element(delay_weights, next_delay)",
    ),
    // Events of a surrogate process are thinned to the rate of the moment.
    ("u = urand ( ) ; if ( u < curRate / rmax ) {", "if (urand() < curRate/rmax) {"),
    // Spike times from a vector.
    (
        "{ i = index ; if ( i >= 0 ) { vv = _p_$v ; if ( vv ) { size = vector_capacity ( vv ) ; px = vector_vec ( vv ) ; \
         if ( i < size ) { etime = px [ i ] ; index += 1 ; } else { index = - 1 ; } } else { index = - 1 ; } } }",
        "if (index >= 0) { if (index < vector_size($v)) { etime = vector_element($v, index) index = index + 1 } \
         else { index = -1 } }",
    ),
    (
        "{ i = index ; if ( i >= 0 ) { vv = $v ; if ( vv ) { size = vector_capacity ( vv ) ; px = vector_vec ( vv ) ; \
         if ( i < size ) { etime = px [ i ] ; index += 1 ; } else { index = - 1 ; } } else { index = - 1 ; } } }",
        "if (index >= 0) { if (index < vector_size($v)) { etime = vector_element($v, index) index = index + 1 } \
         else { index = -1 } }",
    ),
    (
        "i = index ; vv = space ; if ( i < 0 || vv == NULL ) return 0 ; size = vector_capacity ( vv ) ; \
         px = vector_vec ( vv ) ; if ( i < size ) { etime = px [ i ] ; index += 1 ; return index ; } index = - 1 ; return 0 ;",
        "element = 0 if (index >= 0) { if (index < vector_size(space)) { etime = vector_element(space, index) \
         index = index + 1 element = index } else { index = -1 } }",
    ),
    (
        "while ( element ( ) && etime < t ) { } if ( index > 0 ) { artcell_net_send ... }",
        "while (element() > 0 && etime < t) { } if (index > 0) { net_send(etime - t, 1) }",
    ),
    // An inhomogeneous Poisson process: rates in bins of time.
    (
        "vvTbins = _p_vecTbins ; if ( vvTbins && vector_capacity ( vvTbins ) >= 1 ) { \
         px = vector_vec ( vvTbins ) ; start = px [ 0 ] ; if ( start < 0 ) start = 0 ; } else start = 0 ; \
         event = start ; vvRate = _p_vecRate ; px = vector_vec ( vvRate ) ; rmax = 0 ; \
         for ( i = 0 ; i < vector_capacity ( vvRate ) ; i ++ ) { if ( px [ i ] > rmax ) rmax = px [ i ] ; } \
         if ( vvRate && vector_capacity ( vvRate ) > 0 ) { curRate = px [ 0 ] ; } else { curRate = 1 ; rmax = 1 ; } \
         if ( _p_$u && usingR123 ) { nrnran123_setseq ( _p_$u , 0 , 0 ) ; } \
         if ( _p_$e && usingR123 ) { nrnran123_setseq ( _p_$e , 0 , 0 ) ; }",
        "LOCAL bin start = 0 if (vector_size(vecTbins) >= 1) { start = vector_element(vecTbins, 0) } \
         if (start < 0) { start = 0 } event = start rmax = 0 \
         FROM bin = 0 TO vector_size(vecRate) - 1 { \
         if (vector_element(vecRate, bin) > rmax) { rmax = vector_element(vecRate, bin) } } \
         if (vector_size(vecRate) > 0) { curRate = vector_element(vecRate, 0) } else { curRate = 1 rmax = 1 } \
         random_restart($u) random_restart($e)",
    ),
    (
        "i = index ; i_prev = i ; if ( i >= 0 ) { vv = _p_vecTbins ; if ( vv ) { size = vector_capacity ( vv ) ; \
         px = vector_vec ( vv ) ; while ( ( i + 1 < size ) && ( t >= px [ i + 1 ] ) ) { index += 1 ; i += 1 ; } \
         if ( i != i_prev ) { vvRate = _p_vecRate ; if ( vvRate && vector_capacity ( vvRate ) > i ) { \
         px = vector_vec ( vvRate ) ; curRate = px [ i ] ; } else curRate = 1 ; } \
         if ( i == size ) index = - 1 ; } else { rmax = 1 ; curRate = 1 ; index = - 1 ; } }",
        "if (index >= 0) { if (vector_size(vecTbins) > 0) { LOCAL bin bin = index \
         while (index + 1 < vector_size(vecTbins) && t >= vector_element(vecTbins, index + 1)) { index = index + 1 } \
         if (index != bin) { if (vector_size(vecRate) > index) { curRate = vector_element(vecRate, index) } \
         else { curRate = 1 } } if (index == vector_size(vecTbins)) { index = -1 } } else { rmax = 1 curRate = 1 index = -1 } }",
    ),
];

/// Functions of C that only print.
const PRINT: &[&str] = &["printf", "fprintf", "debug_printf"];

/// Replaces what is known; leaves out what stands outside of all blocks.
pub(super) fn translate(lexemes: Vec<Lexeme>) -> Vec<Lexeme> {
    let mut list = Vec::with_capacity(lexemes.len());
    let mut open = 0_i32;
    for lexeme in lexemes {
        if let Token::Verbatim(text) = &lexeme.token {
            if open <= 0 {
                list.extend(numbers(text, lexeme.span));
                continue;
            }
            let found = words(text);
            let replacement = if found.iter().all(|word| matches!(word.as_str(), "{" | "}")) {
                Some(found.join(" "))
            } else {
                IDIOMS.iter().find_map(|(pattern, nmodl)| replace(pattern, nmodl, &found))
            };
            if let Some(nmodl) = replacement {
                let (mut inner, _) = lexer::tokens(&nmodl);
                inner.pop();
                for token in &mut inner {
                    token.span = lexeme.span;
                    open += bracket(&token.token);
                }
                list.append(&mut inner);
                continue;
            }
        }
        open += bracket(&lexeme.token);
        list.push(lexeme);
    }
    list
}

/// `#define NAME number` and `const int NAME = number;` as DEFINE.
fn numbers(text: &str, span: Span) -> Vec<Lexeme> {
    let mut list = Vec::new();
    for line in text.lines() {
        let words: Vec<&str> = line.trim_end_matches(';').split_whitespace().collect();
        let (name, value) = match words.as_slice() {
            ["#define", name, value] | ["const", _, name, "=", value] => (name, value),
            _ => continue,
        };
        if value.parse::<f64>().is_ok() {
            let (lexemes, _) = lexer::tokens(&format!("DEFINE {name} {value}"));
            list.extend(lexemes.into_iter().filter(|lexeme| lexeme.token != Token::End));
        }
    }
    for lexeme in &mut list {
        lexeme.span = span;
    }
    list
}

fn bracket(token: &Token) -> i32 {
    match token {
        Token::Symbol("{") => 1,
        Token::Symbol("}") => -1,
        _ => 0,
    }
}

/// The NMODL, with what `$a` stood for, where all words agree.
fn replace(pattern: &str, nmodl: &str, found: &[String]) -> Option<String> {
    let mut bound: Vec<(&str, &str)> = Vec::new();
    let mut words = found.iter();
    let mut pattern = pattern.split_whitespace();
    while let Some(expected) = pattern.next() {
        if expected == "..." {
            let tail: Vec<&str> = pattern.collect();
            let rest = words.as_slice();
            let skipped = rest.len().checked_sub(tail.len())?;
            return rest[skipped..].iter().eq(tail).then(|| fill(nmodl, &bound));
        }
        let word = words.next()?;
        match expected.split_once('$') {
            None if expected == word => {}
            None => return None,
            Some((prefix, name)) => {
                let rest = word.strip_prefix(prefix)?;
                match bound.iter().find(|(known, _)| *known == name) {
                    Some((_, value)) if *value != rest => return None,
                    Some(_) => {}
                    None => bound.push((name, rest)),
                }
            }
        }
    }
    if words.next().is_some() {
        return None;
    }
    Some(fill(nmodl, &bound))
}

fn fill(nmodl: &str, bound: &[(&str, &str)]) -> String {
    bound.iter().fold(nmodl.to_owned(), |text, (name, value)| text.replace(&format!("${name}"), value))
}

/// The words of a piece of C in a form in which harmless differences vanish: no comments, directives, casts, messages,
/// nor declarations without a value; `double x = 1.0` reads `x = 1`, strings are empty.
fn words(text: &str) -> Vec<String> {
    let mut code = String::new();
    for line in without_comments(text).lines() {
        if line.trim_start().starts_with('#') {
            continue;
        }
        // Both begin a comment in NMODL.
        if line.contains('?') {
            code.push_str(&line.replace(['?', ':'], " % "));
        } else {
            code.push_str(line);
        }
        code.push('\n');
    }
    let (lexemes, _) = lexer::tokens(&code);
    let mut list: Vec<String> = lexemes
        .into_iter()
        .filter_map(|lexeme| match lexeme.token {
            Token::Name(name) => Some(name),
            Token::Number(value, _) => Some(value.to_string()),
            Token::Text(_) => Some("\"\"".to_owned()),
            Token::Symbol(symbol) => Some(symbol.to_owned()),
            Token::Other(character) => Some(character.to_string()),
            Token::Verbatim(_) | Token::End => None,
        })
        .collect();
    join_pairs(&mut list);
    drop_messages(&mut list);
    drop_casts(&mut list);
    drop_types(&mut list);
    list
}

fn without_comments(text: &str) -> String {
    let mut rest = text;
    let mut kept = String::new();
    while let Some(at) = rest.find("//").into_iter().chain(rest.find("/*")).min() {
        kept.push_str(&rest[..at]);
        kept.push(' ');
        let (close, length) = if rest[at..].starts_with("//") { ("\n", 0) } else { ("*/", 2) };
        let body = &rest[at + 2..];
        rest = body.find(close).map_or("", |end| &body[end + length..]);
    }
    kept + rest
}

/// `+ +` is `++`, `+ =` is `+=`.
fn join_pairs(list: &mut Vec<String>) {
    let mut at = 0;
    while at + 1 < list.len() {
        if list[at] == "+" && (list[at + 1] == "+" || list[at + 1] == "=") {
            let next = list.remove(at + 1);
            list[at].push_str(&next);
        }
        at += 1;
    }
}

fn drop_messages(list: &mut Vec<String>) {
    let mut at = 0;
    while at < list.len() {
        if PRINT.contains(&list[at].as_str())
            && let Some(length) = list[at..].iter().position(|word| word == ";")
        {
            list.drain(at..=at + length);
            continue;
        }
        at += 1;
    }
}

/// Names of types.
fn is_type(word: &str) -> bool {
    matches!(word, "void" | "double" | "int" | "char" | "IvocVect" | "nrnran123_State" | "Rand" | "const" | "auto")
}

/// `(type *)`, `*((type **)(&x))`, `RANDCAST` and `_threadargs_` say nothing.
fn drop_casts(list: &mut Vec<String>) {
    list.retain(|word| word != "RANDCAST" && word != "_threadargs_");
    let mut at = 0;
    while at < list.len() {
        if list[at] == "(" && list.get(at + 1).is_some_and(|word| is_type(word)) {
            let close = list[at..].iter().position(|word| word == ")").unwrap_or(0);
            if list[at + 1..at + close.max(1)].iter().all(|word| is_type(word) || word == "*") && close > 1 {
                list.drain(at..=at + close);
                continue;
            }
        }
        at += 1;
    }
    // What remains of a pointer to a pointer: `* ( ( & x ) )`, `( & x )`, `( x )` after `=`.
    for at in (0..list.len()).rev() {
        let is_address = list.get(at).is_some_and(|word| word == "&");
        if is_address && at > 0 && list[at - 1] == "(" && list.get(at + 2).is_some_and(|word| word == ")") {
            let mut first = at - 1;
            let mut last = at + 2;
            while first > 0 && list[first - 1] == "(" && list.get(last + 1).is_some_and(|word| word == ")") {
                first -= 1;
                last += 1;
            }
            if first > 0 && list[first - 1] == "*" {
                first -= 1;
            }
            let name = list[at + 1].clone();
            list.splice(first..=last, [name]);
        }
    }
    let mut at = 0;
    while at + 3 < list.len() {
        if list[at] == "=" && list[at + 1] == "(" && list[at + 3] == ")" {
            list.remove(at + 3);
            list.remove(at + 1);
        }
        at += 1;
    }
}

/// Declarations: `double * x ;` vanishes, `double * x = a ;` is `x = a ;`.
fn drop_types(list: &mut Vec<String>) {
    let mut at = 0;
    while at < list.len() {
        let begins = at == 0 || matches!(list[at - 1].as_str(), ";" | "{" | "}");
        if begins && is_type(&list[at]) {
            let mut end = at;
            while list.get(end).is_some_and(|word| is_type(word) || word == "*") {
                end += 1;
            }
            let statement = list[at..].iter().position(|word| word == ";").map_or(list.len(), |length| at + length + 1);
            let has_value = list.get(end + 1).is_some_and(|word| word == "=");
            // Variables of C that only pass a number on begin with one.
            let only_number = has_value && statement == end + 4 && list[end + 2].parse::<f64>().is_ok();
            list.drain(at..if has_value && !only_number { end } else { statement.min(list.len()) });
            continue;
        }
        at += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uniform_draw_is_known_however_it_is_cast() {
        for cast in ["", "RANDCAST ", "(Rand*) "] {
            let text = format!(
                "double value = 0.0; // nothing\n if ( usingR123 ) {{ value = nrnran123_dblpick((nrnran123_State*)_p_rng);\n\
                 }} else if (_p_rng) {{\n#ifndef CORENEURON_BUILD\n value = nrn_random_pick({cast}_p_rng);\n#endif\n\
                 }} else {{ value = 0.0; }}\n _lurand = value;"
            );
            let found = words(&text);
            let nmodl = IDIOMS.iter().find_map(|(pattern, nmodl)| replace(pattern, nmodl, &found));
            assert_eq!(nmodl.as_deref(), Some("urand = random_uniform(rng)"), "{found:?}");
        }
    }
}
