import type { MeshObserver } from '../../inspection/observer/observer'
import type { Variables } from '../../option-table/variable'
import { FINDINGS, type Finding } from '../doctor/finding'
import { gather } from '../doctor/gather'
import { checkNodes } from '../doctor/node-checks'
import { checkSight } from '../doctor/sight-checks'
import type { Output } from '../output'

/** What the doctor works with. */
export interface DoctorTerms {
  readonly variables: Variables
  readonly output: Output
  readonly signal: AbortSignal
}

/** Listens, and prints what is wrong and what to do about it. Returns whether there is no problem. */
export async function showDoctor (
  observer: MeshObserver, { variables, output, signal }: DoctorTerms
): Promise<boolean> {
  const evidence = await gather(observer, variables, signal)
  const findings = [...checkSight(evidence), ...checkNodes(evidence)]
  const isWell = findings.every(({ severity }) => severity === 'note')
  const nodes = evidence.nodes.length
  if (output.isJson) {
    output.json({ isWell, nodes, findings: findings.map(each => ({ ...each, ...FINDINGS[each.code] })) })
    return isWell
  }
  for (const each of findings) show(output, each)
  const count = `${nodes} ${nodes === 1 ? 'node was' : 'nodes were'} heard`
  output.line(isWell ? `${count}, and nothing is wrong` : `${count}; docs/doctor.md tells more of each finding`)
  return isWell
}

function show (output: Output, { code, severity, seen }: Finding): void {
  const { title, remedy } = FINDINGS[code]
  output.line(`${severity} ${code}: ${title}`)
  for (const line of seen) output.line(`  - ${line}`)
  output.line(`  what to do: ${remedy}`)
  output.line()
}
