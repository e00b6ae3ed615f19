import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'

const ROOT = join(__dirname, '../..')

/** What the comment above an option says. */
export interface OptionDoc {
  readonly text: string
  /** What stands after `@default`. */
  readonly fallback: string | undefined
}

/** The comments above the rows of a table, by the names of the options; rows of other tables in it are left out. */
export function docsOf (file: string, table: string): Map<string, OptionDoc> {
  const text = readFileSync(join(ROOT, file), 'utf8')
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true)
  const rows = source.statements.filter(ts.isVariableStatement)
    .flatMap(({ declarationList: { declarations } }) => [...declarations])
    .find(({ name }) => name.getText(source) === table)?.initializer
  if (rows === undefined || !ts.isObjectLiteralExpression(rows)) throw new Error(`${file} has no table ${table}`)
  return new Map(rows.properties.filter(ts.isPropertyAssignment).map(row => [row.name.getText(source), docOf(row)]))
}

function docOf (row: ts.PropertyAssignment): OptionDoc {
  const comments = ts.getJSDocCommentsAndTags(row).filter(ts.isJSDoc)
  const tags = comments.flatMap(({ tags = [] }) => [...tags])
  const fallback = tags.find(({ tagName }) => tagName.text === 'default')
  return { text: inOneLine(comments.at(-1)?.comment), fallback: fallback && inOneLine(fallback.comment) }
}

function inOneLine (comment: ts.JSDoc['comment']): string {
  return (ts.getTextOfJSDocComment(comment) ?? '').replace(/\s+/g, ' ').trim()
}
