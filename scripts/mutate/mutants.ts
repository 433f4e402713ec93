/** Small faults, such as a person makes: each changes one place of one file. */
import ts from 'typescript';

export interface Mutant {
  readonly file: string;
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
  /** What kind of fault it is. */
  readonly kind: string;
}

type Change = Omit<Mutant, 'file'>;
interface Place {
  readonly node: ts.Node;
  readonly source: ts.SourceFile;
  readonly checker: ts.TypeChecker;
}

/** Every mutant of a file. What is thrown is left alone: messages are no figures. */
export function mutantsOf(source: ts.SourceFile, file: string, checker: ts.TypeChecker): readonly Mutant[] {
  const found: Mutant[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isTypeNode(node) || ts.isImportDeclaration(node) || ts.isThrowStatement(node)) return;
    if (ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) return;
    for (const mutate of mutators)
      found.push(...mutate({ node, source, checker }).map((change) => ({ file, ...change })));
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

const replaced = (node: ts.Node, source: ts.SourceFile, replacement: string, kind: string): Change => ({
  ...{ start: node.getStart(source), end: node.getEnd(), replacement, kind },
});

const operators: Readonly<Partial<Record<ts.SyntaxKind, string>>> = {
  [ts.SyntaxKind.PlusToken]: '-',
  [ts.SyntaxKind.MinusToken]: '+',
  [ts.SyntaxKind.AsteriskToken]: '/',
  [ts.SyntaxKind.SlashToken]: '*',
  [ts.SyntaxKind.LessThanToken]: '<=',
  [ts.SyntaxKind.LessThanEqualsToken]: '<',
  [ts.SyntaxKind.GreaterThanToken]: '>=',
  [ts.SyntaxKind.GreaterThanEqualsToken]: '>',
  [ts.SyntaxKind.EqualsEqualsEqualsToken]: '!==',
  [ts.SyntaxKind.ExclamationEqualsEqualsToken]: '===',
  [ts.SyntaxKind.AmpersandAmpersandToken]: '||',
  [ts.SyntaxKind.BarBarToken]: '&&',
  [ts.SyntaxKind.PlusEqualsToken]: '-=',
};

function operator({ node, source }: Place): readonly Change[] {
  if (!ts.isBinaryExpression(node)) return [];
  const other = operators[node.operatorToken.kind];
  return other === undefined ? [] : [replaced(node.operatorToken, source, other, 'operator')];
}

function condition({ node, source }: Place): readonly Change[] {
  if (ts.isIfStatement(node)) {
    return [replaced(node.expression, source, `!(${node.expression.getText(source)})`, 'negated condition')];
  }
  if (ts.isConditionalExpression(node)) {
    const [yes, no] = [node.whenTrue.getText(source), node.whenFalse.getText(source)];
    const swapped = `${node.condition.getText(source)} ? ${no} : ${yes}`;
    return yes === no ? [] : [replaced(node, source, swapped, 'branches swapped')];
  }
  if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.ExclamationToken) {
    return [replaced(node, source, `!!${node.operand.getText(source)}`, 'negation dropped')];
  }
  return [];
}

function constant({ node, source }: Place): readonly Change[] {
  if (ts.isNumericLiteral(node)) {
    const other = node.text === '1' ? '0' : String(Number(node.text) + 1);
    return [replaced(node, source, other, 'constant')];
  }
  if (node.kind === ts.SyntaxKind.TrueKeyword) return [replaced(node, source, 'false', 'constant')];
  if (node.kind === ts.SyntaxKind.FalseKeyword) return [replaced(node, source, 'true', 'constant')];
  return [];
}

/** Neighbours in a call that have the same type. */
function swappedArguments({ node, source, checker }: Place): readonly Change[] {
  if (!ts.isCallExpression(node) && !ts.isNewExpression(node)) return [];
  // The order of what is compared makes no difference.
  if (/^Math\.(min|max)$/.test(node.expression.getText(source))) return [];
  const given = node.arguments ?? ts.factory.createNodeArray<ts.Expression>();
  return given.slice(1).flatMap((second, i) => {
    const first = given[i];
    if (!first || ts.isSpreadElement(first) || ts.isSpreadElement(second)) return [];
    const [a, b] = [first.getText(source), second.getText(source)];
    if (a === b || typeName(first, checker) !== typeName(second, checker)) return [];
    const replacement = `${b}, ${a}`;
    return [{ start: first.getStart(source), end: second.getEnd(), replacement, kind: 'arguments swapped' }];
  });
}

/** `a.low` to `a.high`, `{ low }` to `{ low: high }`: another property of the same object with the same type. */
function sibling({ node, source, checker }: Place): readonly Change[] {
  if (ts.isPropertyAccessExpression(node) && !ts.isCallExpression(node.parent)) {
    const others = siblings(checker.getTypeAtLocation(node.expression), node.name.text, node, checker);
    return others.map((name) => replaced(node.name, source, name, 'sibling property'));
  }
  if (ts.isBindingElement(node) && ts.isObjectBindingPattern(node.parent) && isPlain(node)) {
    const name = node.name.getText(source);
    const others = siblings(checker.getTypeAtLocation(node.parent), name, node, checker);
    return others.map((other) => replaced(node.name, source, `${other}: ${name}`, 'sibling property'));
  }
  if (ts.isShorthandPropertyAssignment(node)) {
    const own = typeName(node.name, checker);
    const beside = node.parent.properties.filter(
      (other) => ts.isShorthandPropertyAssignment(other) && other !== node && typeName(other.name, checker) === own,
    );
    const texts = beside.map((other) => other.name?.getText(source) ?? '');
    return texts.map((other) => replaced(node, source, `${node.name.text}: ${other}`, 'sibling property'));
  }
  return [];
}

function isPlain({ propertyName, dotDotDotToken, name }: ts.BindingElement): boolean {
  return propertyName === undefined && dotDotDotToken === undefined && ts.isIdentifier(name);
}

/** At most two: an object with many fields of one type would fill the sample. */
function siblings(type: ts.Type, name: string, at: ts.Node, checker: ts.TypeChecker): readonly string[] {
  const properties = checker.getPropertiesOfType(type);
  const index = properties.findIndex((property) => property.name === name);
  const own = properties[index];
  // Of lists, maps and texts the properties are methods and lengths, which are no figures.
  if (own?.declarations?.[0]?.getSourceFile().isDeclarationFile !== false) return [];
  const text = (property: ts.Symbol): string => checker.typeToString(checker.getTypeOfSymbolAtLocation(property, at));
  const same = [...properties.slice(index + 1), ...properties.slice(0, index)].filter(
    (property) => text(property) === text(own) && /^[\w$]+$/.test(property.name),
  );
  return same.slice(0, 2).map((property) => property.name);
}

/** An element of a list, a spread of an object, or a call whose result nobody reads. */
function dropped({ node, source }: Place): readonly Change[] {
  if (ts.isArrayLiteralExpression(node) && node.elements.length > 1) {
    return node.elements.map((_, i) => {
      const rest = node.elements.filter((_element, at) => at !== i).map((element) => element.getText(source));
      return replaced(node, source, `[${rest.join(', ')}]`, 'element dropped');
    });
  }
  if (ts.isSpreadAssignment(node)) return [replaced(node, source, '...{}', 'spread dropped')];
  if (ts.isExpressionStatement(node) && ts.isCallExpression(node.expression)) {
    return [replaced(node.expression, source, 'undefined', 'call dropped')];
  }
  return [];
}

const methods: Readonly<Record<string, string>> = {
  ...{ find: 'findLast', findLast: 'find', findIndex: 'findLastIndex', findLastIndex: 'findIndex' },
  ...{ indexOf: 'lastIndexOf', lastIndexOf: 'indexOf', some: 'every', every: 'some', min: 'max', max: 'min' },
  ...{ floor: 'ceil', ceil: 'floor', round: 'floor', padStart: 'padEnd', padEnd: 'padStart' },
};
/** Methods that a list can do without. */
const needless = new Set(['filter', 'sort', 'reverse', 'toSorted', 'toReversed', 'slice', 'trim', 'toLowerCase']);

function method({ node, source }: Place): readonly Change[] {
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return [];
  const { name, expression } = node.expression;
  const other = methods[name.text];
  if (other !== undefined) return [replaced(name, source, other, 'first for last')];
  if (name.text === 'at') return [replaced(node, source, `${expression.getText(source)}.at(0)`, 'first for last')];
  return needless.has(name.text) ? [replaced(node, source, expression.getText(source), 'method dropped')] : [];
}

const mutators = [operator, condition, constant, swappedArguments, sibling, dropped, method] as const;

function typeName(node: ts.Node, checker: ts.TypeChecker): string {
  return checker.typeToString(checker.getBaseTypeOfLiteralType(checker.getTypeAtLocation(node)));
}
