import { BUNDLED } from './bundled'
import type { Cell } from './cell'
import { nameOf, RIGHT, wordsOf } from './cell'
import { COMPILED } from './compiled'
import { DECLARATIONS } from './declarations'
import { INSTALLED } from './installed'
import { Failed } from './programs'
import { TEST_RUNNERS } from './test-runners'
import { TRANSPILED } from './transpiled'
import type { Workshop } from './workshop'

/** Every toolchain that is tried. */
export const MATRIX: readonly Cell[] = [
  ...COMPILED, ...TRANSPILED, ...BUNDLED, ...TEST_RUNNERS, ...INSTALLED, ...DECLARATIONS
]

export interface Tried {
  readonly cell: Cell
  /** In the words of the table. */
  readonly result: string
  /** What went wrong. */
  readonly fault?: string
  readonly versions: readonly string[]
}

/** Tries a cell; what can't even be installed is said, and is no success. */
export async function tried (workshop: Workshop, cell: Cell): Promise<Tried> {
  try {
    const versions = await workshop.versionsOf(cell)
    const fault = await faultOf(workshop, cell)
    return { cell, versions, result: fault === undefined ? wordsOf(cell) : 'WRONG', fault }
  } catch (error) {
    return { cell, versions: [], result: 'not tried', fault: `${nameOf(cell)} could not be tried: ${String(error)}` }
  }
}

async function faultOf (workshop: Workshop, cell: Cell): Promise<string | undefined> {
  const { refusal } = cell
  const first = await outcome(workshop, cell, false)
  if (refusal === undefined) return isRight(first) ? undefined : first
  if (!refusal.says.test(first)) return `is not refused with ${refusal.says}:\n${first}`
  const then = await outcome(workshop, cell, true)
  return isRight(then) ? undefined : `the remedy is none:\n${then}`
}

function isRight (outcome: string): boolean {
  return outcome === RIGHT
}

/** What the app found, or the message that users see. */
async function outcome (workshop: Workshop, cell: Cell, remedied: boolean): Promise<string> {
  const project = await workshop.project(cell)
  return await cell.run(project, remedied).catch(error => {
    if (error instanceof Failed) return error.message
    throw error
  })
}
