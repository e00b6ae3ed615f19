import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'

const ROOT = join(__dirname, '../..')

/** A test that a page names: `"the name" (\`test/file.test.ts\`)`, its path a link once the project has an address. */
export interface NamedTest {
  readonly name: string
  readonly file: string
}

/** The tests that a text names; a name may be broken between two lines. */
export function namedTests (text: string): NamedTest[] {
  return [...text.matchAll(/"([^"]+)"\s+\(\[?`(test\/[^`]+)`/g)]
    .map(([, name = '', file = '']) => ({ name: name.replace(/\s+/g, ' '), file }))
}

/** The names of all tests of a file: texts, also those that a constant holds. */
export function testNames (file: string): Set<string> {
  const source = ts.createSourceFile(file, readFileSync(join(ROOT, file), 'utf8'), ts.ScriptTarget.Latest, true)
  const constants = new Map<string, string>()
  const names = new Set<string>()
  const visit = (node: ts.Node): void => {
    if (ts.isVariableDeclaration(node) && node.initializer !== undefined && ts.isStringLiteralLike(node.initializer)) {
      constants.set(node.name.getText(source), node.initializer.text)
    }
    if (ts.isCallExpression(node) && /^(it|test)\b/.test(node.expression.getText(source))) {
      const [name] = node.arguments
      if (name !== undefined && ts.isStringLiteralLike(name)) names.add(name.text)
      else if (name !== undefined && ts.isIdentifier(name)) names.add(constants.get(name.text) ?? '')
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return names
}
