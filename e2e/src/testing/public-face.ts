import ts from 'typescript';

/** What a symbol stands for: an export's own symbol where it is exported from elsewhere. */
export function resolved(checker: ts.TypeChecker, symbol: ts.Symbol): ts.Symbol {
  return (symbol.flags & ts.SymbolFlags.Alias) === 0 ? symbol : checker.getAliasedSymbol(symbol);
}

/**
 * Interfaces, aliases and enumerations, declared in `folder`, that exports of the module `entry` name in what they take, give or hold, and that it does not
 * export: `NAME of EXPORT`. Whoever uses the package could not name them. Properties of classes are not looked at, because what they hold comes ready made, nor are
 * constructors of classes that are exported as types alone or say `@internal`.
 */
export function unexportedTypes(program: ts.Program, entry: string, folder: string): string[] {
  const checker = program.getTypeChecker();
  const aliases = checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(entry)!)!);
  const exported = new Set(aliases.map((symbol) => resolved(checker, symbol)));
  const typesOnly = new Set(aliases.filter(isTypeOnly).map((symbol) => resolved(checker, symbol)));
  const missing = new Set<string>();
  const visit = (node: ts.Node, of: ts.Symbol): void => {
    if (
      isHidden(node) ||
      (ts.isConstructorDeclaration(node) && (typesOnly.has(of) || ts.getJSDocTags(node).some(({ tagName }) => tagName.text === 'internal')))
    )
      return;
    const name = nameOfType(node);
    const symbol = name === undefined ? undefined : checker.getSymbolAtLocation(name);
    if (symbol !== undefined) note(resolved(checker, symbol), of);
    // What a parameter or a variable begins with is no type.
    if ((ts.isParameter(node) || ts.isVariableDeclaration(node)) && node.type !== undefined) visit(node.type, of);
    else ts.forEachChild(node, (child) => visit(child, of));
  };
  const note = (symbol: ts.Symbol, of: ts.Symbol): void => {
    const kinds = ts.SymbolFlags.Interface | ts.SymbolFlags.TypeAlias | ts.SymbolFlags.Enum;
    // An alias may give parameters to a generic type of its own name.
    if ((symbol.flags & kinds) === 0 || (symbol.flags & ts.SymbolFlags.Class) !== 0 || exported.has(symbol) || symbol.name === of.name) return;
    const declaration = symbol.declarations?.[0];
    if (declaration === undefined || !isIn(declaration, folder) || isKeyword(declaration)) return;
    missing.add(`${symbol.name} of ${of.name}`);
  };
  for (const symbol of exported) for (const declaration of symbol.declarations ?? []) if (isIn(declaration, folder)) visit(declaration, symbol);
  return [...missing].sort();
}

const isIn = (node: ts.Node, folder: string): boolean => node.getSourceFile().fileName.startsWith(`${folder}/`);

function isTypeOnly({ declarations = [] }: ts.Symbol): boolean {
  return declarations.some((declaration) => ts.isExportSpecifier(declaration) && (declaration.isTypeOnly || declaration.parent.parent.isTypeOnly));
}

/** `type Reg = number` says nothing that the type does not. */
function isKeyword(declaration: ts.Declaration): boolean {
  return ts.isTypeAliasDeclaration(declaration) && declaration.type.kind >= ts.SyntaxKind.FirstKeyword && declaration.type.kind <= ts.SyntaxKind.LastKeyword;
}

function nameOfType(node: ts.Node): ts.Node | undefined {
  if (ts.isTypeReferenceNode(node)) return node.typeName;
  return ts.isExpressionWithTypeArguments(node) ? node.expression : undefined;
}

/** Nothing of the node is seen from outside. */
function isHidden(node: ts.Node): boolean {
  if (ts.isBlock(node) || ts.isPropertyDeclaration(node)) return true;
  if (ts.isExpression(node) && !ts.isExpressionWithTypeArguments(node) && !ts.isIdentifier(node) && !ts.isTypeNode(node)) return true;
  const isMember = ts.isMethodDeclaration(node) || ts.isGetAccessor(node) || ts.isSetAccessor(node);
  return (
    isMember &&
    (ts.isPrivateIdentifier(node.name) ||
      (ts.getModifiers(node) ?? []).some(({ kind }) => kind === ts.SyntaxKind.PrivateKeyword || kind === ts.SyntaxKind.ProtectedKeyword))
  );
}
