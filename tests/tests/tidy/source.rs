//! A Rust source as its tokens: what is in comments and in texts is apart from the code.
//!
//! `syn` reads whole files, and the modules below ask it for items and paths; but to it the inside of a macro call is
//! no code yet. Words, texts and functions are therefore looked for among the tokens, which go through macros.

use std::collections::VecDeque;

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use syn::LitStr;

use crate::modules::Said;

/// A piece of code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    /// An identifier or a keyword, without `r#`.
    Word(String),
    /// A string literal: what it means, not how it is written.
    Text(String),
    /// A character of punctuation.
    Sign(char),
    /// A bracket that opens.
    Open(Delimiter),
    /// A bracket that closes.
    Close(Delimiter),
    /// A literal that is no string, or a lifetime.
    Other,
}

/// A token and the line it begins on, from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Placed {
    /// The token itself.
    pub(crate) token: Token,
    /// Counted from 1.
    pub(crate) line: usize,
}

/// A doc comment: all lines of one, however they are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Doc {
    /// Its lines, joined by line ends.
    pub(crate) text: String,
    /// Where its first line stands, from 1.
    pub(crate) line: usize,
}

/// A function that has a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Function {
    /// Without its type or module.
    pub(crate) name: String,
    /// The line of its `fn`, from 1.
    pub(crate) line: usize,
    /// How many lines it has from there to its closing brace.
    pub(crate) lines: usize,
}

/// What the checks ask of a source. The tree that `syn` makes cannot be shared among threads; this can.
#[derive(Clone, Debug, Default)]
pub(crate) struct Source {
    /// The code, with no comments in it.
    pub(crate) tokens: Vec<Placed>,
    /// The doc comments, in their order.
    pub(crate) docs: Vec<Doc>,
    /// What it declares and names outside of its tests.
    pub(crate) said: Said,
}

impl Source {
    /// Reads a source, or says where it is no Rust.
    pub(crate) fn new(text: &str) -> Result<Self, String> {
        let wrong = |error: syn::Error| format!("{}: {error}", error.span().start().line);
        let stream: TokenStream =
            text.parse().map_err(|error: proc_macro2::LexError| wrong(syn::Error::from(error)))?;
        let mut source = Self::default();
        source.take(stream.clone());
        source.said = Said::of(&syn::parse2(stream).map_err(wrong)?);
        Ok(source)
    }

    fn take(&mut self, stream: TokenStream) {
        let mut rest: VecDeque<TokenTree> = stream.into_iter().collect();
        // How many tokens the line of a doc comment right before took: one of the file itself takes one more.
        let mut before = None;
        while let Some(tree) = rest.pop_front() {
            let line = tree.span().start().line;
            let doc = matches!(&tree, TokenTree::Punct(sign) if sign.as_char() == '#');
            if let Some((skip, text)) = doc.then(|| doc_text(&rest)).flatten() {
                rest.drain(..skip);
                match self.docs.last_mut().filter(|_| before == Some(skip)) {
                    Some(doc) => doc.text = format!("{}\n{text}", doc.text),
                    None => self.docs.push(Doc { text, line }),
                }
                before = Some(skip);
                continue;
            }
            before = None;
            match tree {
                TokenTree::Group(group) => self.take_group(&group),
                TokenTree::Ident(word) => {
                    let word = word.to_string();
                    let word = word.strip_prefix("r#").unwrap_or(&word).to_owned();
                    self.tokens.push(Placed { token: Token::Word(word), line });
                }
                TokenTree::Punct(sign) if sign.as_char() == '\'' => {
                    rest.pop_front();
                    self.tokens.push(Placed { token: Token::Other, line });
                }
                TokenTree::Punct(sign) => {
                    self.tokens.push(Placed { token: Token::Sign(sign.as_char()), line });
                }
                TokenTree::Literal(literal) => {
                    let token = match syn::Lit::new(literal) {
                        syn::Lit::Str(text) => Token::Text(text.value()),
                        syn::Lit::ByteStr(text) => {
                            Token::Text(String::from_utf8_lossy(&text.value()).into_owned())
                        }
                        _ => Token::Other,
                    };
                    self.tokens.push(Placed { token, line });
                }
            }
        }
    }

    fn take_group(&mut self, group: &Group) {
        let (open, close) = (group.span_open().start().line, group.span_close().start().line);
        self.tokens.push(Placed { token: Token::Open(group.delimiter()), line: open });
        self.take(group.stream());
        self.tokens.push(Placed { token: Token::Close(group.delimiter()), line: close });
    }

    /// The words of the code, each with its line.
    pub(crate) fn words(&self) -> impl Iterator<Item = (usize, &str)> {
        self.tokens.iter().filter_map(|placed| match &placed.token {
            Token::Word(word) => Some((placed.line, word.as_str())),
            _ => None,
        })
    }

    /// The string literals of the code, each with its line.
    pub(crate) fn texts(&self) -> impl Iterator<Item = (usize, &str)> {
        self.tokens.iter().filter_map(|placed| match &placed.token {
            Token::Text(text) => Some((placed.line, text.as_str())),
            _ => None,
        })
    }

    /// The macros that are called, each with its line and the tokens behind its `!`.
    pub(crate) fn macros(&self) -> impl Iterator<Item = (usize, &str, &[Placed])> {
        self.tokens.iter().enumerate().filter_map(|(at, placed)| {
            let Token::Word(word) = &placed.token else { return None };
            let [sign, behind @ ..] = self.tokens.get(at + 1..)? else { return None };
            let called = matches!(behind.first()?.token, Token::Open(_));
            (sign.token == Token::Sign('!') && called).then_some((placed.line, word.as_str(), behind))
        })
    }

    /// The functions that have a body, those within macros too.
    pub(crate) fn functions(&self) -> Vec<Function> {
        let named = self.tokens.windows(2).enumerate().filter_map(|(at, pair)| {
            let [Placed { token: Token::Word(keyword), line }, Placed { token: Token::Word(name), .. }] =
                pair
            else {
                return None;
            };
            (keyword == "fn").then_some((at, *line, name))
        });
        let measured = named.filter_map(|(at, line, name)| {
            let last = body_end(&self.tokens[at + 2..])?;
            Some(Function { name: name.clone(), line, lines: last + 1 - line })
        });
        measured.collect()
    }
}

/// The text of a doc comment's line that follows a `#`, and how many tokens it takes.
fn doc_text(rest: &VecDeque<TokenTree>) -> Option<(usize, String)> {
    let inner = matches!(rest.front()?, TokenTree::Punct(sign) if sign.as_char() == '!');
    let at = usize::from(inner);
    let TokenTree::Group(group) = rest.get(at)? else { return None };
    let attribute: Vec<TokenTree> = group.stream().into_iter().collect();
    let [TokenTree::Ident(name), TokenTree::Punct(sign), TokenTree::Literal(text)] = attribute.as_slice()
    else {
        return None;
    };
    let is_doc = *name == "doc" && sign.as_char() == '=';
    let text: LitStr = syn::parse_str(&text.to_string()).ok().filter(|_| is_doc)?;
    Some((at + 1, text.value()))
}

/// The line of the closing brace of a function whose name stands before `tokens`; `None` when it has no body.
fn body_end(tokens: &[Placed]) -> Option<usize> {
    let (mut braces, mut others) = (0_usize, 0_usize);
    for placed in tokens {
        match placed.token {
            Token::Open(Delimiter::Parenthesis | Delimiter::Bracket) => others += 1,
            Token::Close(Delimiter::Parenthesis | Delimiter::Bracket) => others = others.checked_sub(1)?,
            Token::Sign(';') if braces == 0 && others == 0 => return None,
            Token::Open(Delimiter::Brace) if others == 0 => braces += 1,
            Token::Close(Delimiter::Brace) if others == 0 && braces <= 1 => {
                return (braces == 1).then_some(placed.line);
            }
            Token::Close(Delimiter::Brace) if others == 0 => braces -= 1,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Source {
        Source::new(text).expect("it is Rust")
    }

    #[test]
    fn comments_and_texts_are_no_code() {
        let source = read(
            "fn f<'word>() { let a = \"todo!() \\\" {\"; // todo!()\n/* todo!() /* { */ */ let b = r#\"x\"{\"#; \
             let c = '{'; let d = '\\''; let e = b\"y\"; }",
        );
        let words: Vec<_> = source.words().map(|(_, word)| word).collect();
        assert_eq!(words, ["fn", "f", "let", "a", "let", "b", "let", "c", "let", "d", "let", "e"]);
        let texts: Vec<_> = source.texts().collect();
        assert_eq!(texts, [(1, "todo!() \" {"), (2, "x\"{"), (2, "y")]);
        assert_eq!(source.docs, []);
    }

    #[test]
    fn a_doc_comment_is_all_its_lines() {
        let source =
            read("//! The file.\n\n/// One.\n///\n/// Two.\nfn f() {}\n/** Three. */ #[test] fn g() {}");
        let docs: Vec<_> = source.docs.iter().map(|doc| (doc.line, doc.text.as_str())).collect();
        assert_eq!(docs, [(1, " The file."), (3, " One.\n\n Two."), (7, " Three. ")]);
    }

    #[test]
    fn functions_are_measured_from_their_name_to_their_last_brace() {
        let source = read(
            "trait T { fn none(&self, a: [u8; 3]); }\nfn two() {\n}\nfn four(f: fn(u8) -> u8)\nwhere\n{\n    \
             if a { b } // }\n}\nproptest! {\n fn inner() {\n }\n}\n",
        );
        let found: Vec<_> =
            source.functions().into_iter().map(|one| (one.name, one.line, one.lines)).collect();
        let expected = [("two", 2, 2), ("four", 4, 5), ("inner", 10, 2)];
        assert_eq!(found, expected.map(|(name, line, lines)| (name.to_owned(), line, lines)));
    }

    #[test]
    fn words_are_whole() {
        let source = read("use ofd_protocol::wire; fn r#type() {} // x");
        let words: Vec<_> = source.words().map(|(_, word)| word).collect();
        assert_eq!(words, ["use", "ofd_protocol", "wire", "fn", "type"]);
    }

    #[test]
    fn what_is_no_rust_is_told_with_its_line() {
        assert!(Source::new("fn f() {}\nfn (").is_err());
        let told = Source::new("fn f() {}\nstruct fn;").expect_err("it is no Rust");
        assert!(told.starts_with("2: "), "{told}");
    }
}
