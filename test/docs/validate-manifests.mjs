// Reads Kubernetes objects from standard input, and writes what is wrong with each: its schema is known to this package
// alone, which is no CommonJS.
import { text } from 'node:stream/consumers'

const GROUPS = { v1: 'v1', 'apps/v1': 'apps/v1' }
const objects = JSON.parse(await text(process.stdin))
const faults = []
for (const [index, object] of objects.entries()) {
  const kinds = await import(`kubernetes-models/${GROUPS[object.apiVersion]}`)
  const Kind = kinds[object.kind]
  try {
    if (Kind === undefined) throw new Error(`there is no ${object.kind} in ${object.apiVersion}`)
    new Kind(object).validate()
  } catch (error) {
    faults.push(`object ${index}: ${error.message}`)
  }
}
process.stdout.write(JSON.stringify(faults))
