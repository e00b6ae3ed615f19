import { join } from 'node:path'
import * as apps from 'kubernetes-models/apps/v1'
import * as core from 'kubernetes-models/v1'
import ts from 'typescript'
import { parseAllDocuments } from 'yaml'
import { compilerHost } from '../compiler-host'
import { readBlocks } from './code-blocks'

const ROOT = join(__dirname, '../..')

/** All objects in the YAML of a page. */
export function objectsIn (page: string): unknown[] {
  const blocks = readBlocks(ROOT, page).filter(({ language }) => language === 'yaml')
  return blocks.flatMap(({ code }) => parseAllDocuments(code, { merge: true }).map(each => each.toJS() as unknown))
}

type Kinds = Readonly<Record<string, new (object: object) => { validate (): void }>>

// Each of these modules exports the classes of its group, and nothing else.
const GROUPS = { v1: core as object as Kinds, 'apps/v1': apps as object as Kinds }

interface Manifest {
  readonly apiVersion: string
  readonly kind: string
}

/** What is wrong with objects of Kubernetes by its schema, which accepts fields that there are not. */
export function schemaFaults (objects: readonly Manifest[]): string[] {
  return objects.flatMap(object => {
    const { apiVersion, kind } = object
    const Kind = GROUPS[apiVersion as keyof typeof GROUPS][kind]
    try {
      new Kind(object).validate()
      return []
    } catch (error) {
      return [`${kind}: ${(error as Error).message}`]
    }
  })
}

/** What is wrong with them by the types of Kubernetes, which know all fields. */
export function typeFaults (objects: readonly Manifest[]): string[] {
  const source = objects.map((object, index) => {
    const { apiVersion, kind } = object
    return `import type { I${kind} as Kind${index} } from 'kubernetes-models/${apiVersion}'\n` +
      `export const object${index}: Kind${index} = ${JSON.stringify(object)}\n`
  }).join('')
  // Beside the packages of this project, where the compiler looks for them.
  const file = join(ROOT, 'test/docs/manifests-as-objects.mts')
  const options = {
    strict: true, noEmit: true, skipLibCheck: true, types: [],
    module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext, target: ts.ScriptTarget.ES2022
  }
  const host = compilerHost(options)
  const { fileExists, readFile, getSourceFile } = host
  host.fileExists = name => name === file || fileExists(name)
  host.readFile = name => name === file ? source : readFile(name)
  host.getSourceFile = (name, version) =>
    name === file ? ts.createSourceFile(name, source, version) : getSourceFile(name, version)
  const program = ts.createProgram([file], options, host)
  return ts.getPreEmitDiagnostics(program).map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))
}
