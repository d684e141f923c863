//! What a source says of modules: which it declares, what it names of others. Tests are left out: they may look at
//! everything.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{
    Attribute, Field, File, ImplItem, Item, ItemUse, Macro, Meta, PatIdent, TraitItem, UseTree, Visibility,
};

/// Segments of a path: of a module from its crate's root, or of a path as code writes it.
pub(crate) type Path = Vec<String>;

/// What code outside of tests declares and names. Modules are told from the file's own one: `[]` is the file itself,
/// `["inner"]` is `mod inner { … }` in it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Said {
    /// Modules in files of their own: in which module, the name, and whether only tests have it.
    pub(crate) declared: Vec<(Path, String, bool)>,
    /// Modules written in place.
    pub(crate) inline: Vec<Path>,
    /// Everything else that has a name: in which module, and the name.
    pub(crate) items: Vec<(Path, String)>,
    /// What `use` brings in, a leaf at a time.
    pub(crate) imports: Vec<Import>,
    /// Paths in code, with the first line of each.
    pub(crate) named: BTreeMap<(Path, Path), usize>,
    /// What patterns call variables.
    pub(crate) variables: BTreeSet<String>,
}

/// One leaf of a `use`.
#[derive(Clone, Debug)]
pub(crate) struct Import {
    /// The module that it stands in.
    pub(crate) within: Path,
    /// From its first segment to its last; of a glob without the `*`.
    pub(crate) path: Path,
    /// What it is called from here on; a glob gives `*`.
    pub(crate) name: String,
    /// Whether others may take it from here.
    pub(crate) public: bool,
    /// Counted from 1.
    pub(crate) line: usize,
}

impl Said {
    /// Gathers what a file says.
    pub(crate) fn of(file: &File) -> Self {
        let mut gathering = Gathering::default();
        gathering.visit_file(file);
        gathering.said
    }
}

#[derive(Default)]
struct Gathering {
    said: Said,
    within: Path,
}

impl Gathering {
    fn item(&mut self, name: &syn::Ident) {
        self.said.items.push((self.within.clone(), name.to_string()));
    }

    fn path(&mut self, path: Path, line: usize) {
        self.said.named.entry((self.within.clone(), path)).or_insert(line);
    }

    fn imports(&mut self, tree: &UseTree, mut path: Path, public: bool) {
        let mut leaf = |path: Path, name: String, line: usize| {
            // `use a::{self}` brings in `a`.
            let path: Path = match path.split_last() {
                Some((last, before)) if last == "self" && !before.is_empty() => before.to_vec(),
                _ => path,
            };
            let name = if name == "self" { path.last().cloned().unwrap_or_default() } else { name };
            self.said.imports.push(Import { within: self.within.clone(), path, name, public, line });
        };
        match tree {
            UseTree::Path(one) => {
                path.push(one.ident.to_string());
                self.imports(&one.tree, path, public);
            }
            UseTree::Name(one) => {
                path.push(one.ident.to_string());
                leaf(path, one.ident.to_string(), one.ident.span().start().line);
            }
            UseTree::Rename(one) => {
                path.push(one.ident.to_string());
                leaf(path, one.rename.to_string(), one.ident.span().start().line);
            }
            UseTree::Glob(one) => {
                leaf(path, "*".to_owned(), one.star_token.spans[0].start().line);
            }
            UseTree::Group(group) => {
                for one in &group.items {
                    self.imports(one, path.clone(), public);
                }
            }
        }
    }

    /// Paths among tokens that `syn` does not read: those of a macro call or of an attribute.
    fn tokens(&mut self, tokens: TokenStream) {
        let trees: Vec<TokenTree> = tokens.into_iter().collect();
        let is = |at: usize, sign: char| matches!(trees.get(at), Some(TokenTree::Punct(one)) if one.as_char() == sign);
        let mut at = 0;
        while let Some(tree) = trees.get(at) {
            at += 1;
            match tree {
                TokenTree::Group(group) => self.tokens(group.stream()),
                TokenTree::Ident(first) if at < 2 || !is(at - 2, '.') => {
                    let (mut path, line) = (vec![first.to_string()], first.span().start().line);
                    while is(at, ':')
                        && is(at + 1, ':')
                        && let Some(TokenTree::Ident(next)) = trees.get(at + 2)
                    {
                        path.push(next.to_string());
                        at += 3;
                    }
                    self.path(path, line);
                }
                // `#[serde(with = "super::hex")]`
                TokenTree::Literal(literal) => {
                    if let syn::Lit::Str(text) = syn::Lit::new(literal.clone())
                        && let Ok(path) = text.parse::<syn::Path>()
                    {
                        self.visit_path(&path);
                    }
                }
                _ => {}
            }
        }
    }
}

impl<'ast> Visit<'ast> for Gathering {
    fn visit_item(&mut self, item: &'ast Item) {
        let (attributes, name) = parts(item);
        let only_tests = attributes.iter().any(only_in_tests);
        if let Item::Mod(module) = item
            && module.content.is_none()
        {
            self.said.declared.push((self.within.clone(), module.ident.to_string(), only_tests));
            return;
        }
        if only_tests {
            return;
        }
        if let Item::Mod(module) = item {
            self.within.push(module.ident.to_string());
            self.said.inline.push(self.within.clone());
            visit::visit_item(self, item);
            self.within.pop();
            return;
        }
        if let Some(name) = name {
            self.item(name);
        }
        visit::visit_item(self, item);
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        if item.leading_colon.is_none() {
            self.imports(&item.tree, Vec::new(), !matches!(item.vis, Visibility::Inherited));
        }
    }

    fn visit_impl_item(&mut self, item: &'ast ImplItem) {
        let attributes = match item {
            ImplItem::Const(one) => &one.attrs,
            ImplItem::Fn(one) => &one.attrs,
            ImplItem::Type(one) => &one.attrs,
            ImplItem::Macro(one) => &one.attrs,
            _ => return,
        };
        if !attributes.iter().any(only_in_tests) {
            visit::visit_impl_item(self, item);
        }
    }

    fn visit_trait_item(&mut self, item: &'ast TraitItem) {
        if !matches!(item, TraitItem::Fn(one) if one.attrs.iter().any(only_in_tests)) {
            visit::visit_trait_item(self, item);
        }
    }

    fn visit_field(&mut self, field: &'ast Field) {
        if !field.attrs.iter().any(only_in_tests) {
            visit::visit_field(self, field);
        }
    }

    // `pub(in crate::a)` uses nothing.
    fn visit_visibility(&mut self, _: &'ast Visibility) {}

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if let (None, Some(first)) = (&path.leading_colon, path.segments.first()) {
            let line = first.ident.span().start().line;
            self.path(path.segments.iter().map(|one| one.ident.to_string()).collect(), line);
        }
        visit::visit_path(self, path);
    }

    fn visit_pat_ident(&mut self, pattern: &'ast PatIdent) {
        self.said.variables.insert(pattern.ident.to_string());
        visit::visit_pat_ident(self, pattern);
    }

    fn visit_macro(&mut self, call: &'ast Macro) {
        self.visit_path(&call.path);
        self.tokens(call.tokens.clone());
    }

    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        if let Meta::List(list) = &attribute.meta {
            self.tokens(list.tokens.clone());
        }
    }
}

/// The attributes of an item, and its name unless it is a module or has none.
fn parts(item: &Item) -> (&[Attribute], Option<&syn::Ident>) {
    match item {
        Item::Const(one) => (&one.attrs, Some(&one.ident)),
        Item::Enum(one) => (&one.attrs, Some(&one.ident)),
        Item::ExternCrate(one) => (&one.attrs, None),
        Item::Fn(one) => (&one.attrs, Some(&one.sig.ident)),
        Item::Impl(one) => (&one.attrs, None),
        Item::Macro(one) => (&one.attrs, one.ident.as_ref()),
        Item::Mod(one) => (&one.attrs, None),
        Item::Static(one) => (&one.attrs, Some(&one.ident)),
        Item::Struct(one) => (&one.attrs, Some(&one.ident)),
        Item::Trait(one) => (&one.attrs, Some(&one.ident)),
        Item::Type(one) => (&one.attrs, Some(&one.ident)),
        Item::Union(one) => (&one.attrs, Some(&one.ident)),
        Item::Use(one) => (&one.attrs, None),
        _ => (&[], None),
    }
}

/// `#[cfg(test)]`, `#[test]` and their like (`#[tokio::test]`).
fn only_in_tests(attribute: &Attribute) -> bool {
    let last = attribute.path().segments.last();
    match &attribute.meta {
        Meta::List(list) if attribute.path().is_ident("cfg") => list.tokens.to_string() == "test",
        _ => last.is_some_and(|segment| segment.ident == "test"),
    }
}
