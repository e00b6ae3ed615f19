import type { Cell } from './cell'
import { compiled } from './compiled'

function oldest (typescript: string, node: string, skipLibCheck: boolean): Cell {
  const check = skipLibCheck ? '' : ', no `skipLibCheck`'
  return {
    toolchain: `tsc ${typescript}`,
    settings: `@types/node ${node}${check}`,
    packages: [],
    apart: [`typescript@${typescript}`, `@types/node@${node}`],
    run: async project => await compiled(project, { options: { moduleResolution: 'node', skipLibCheck } })
  }
}

const tooOld: Cell = {
  ...oldest('4.6', '18.0.0', true),
  run: async (project, remedied) => {
    const compiler = remedied ? 'new' : 'typescript'
    return await compiled(project, { compiler, options: { moduleResolution: 'node' } })
  },
  packages: ['new@npm:typescript@4.7'],
  refusal: { says: /needs-typescript-4\.7-or-newer/, remedy: 'TypeScript 4.7' }
}

/** The oldest compilers and types of Node that our declarations compile with. */
export const DECLARATIONS: readonly Cell[] = [
  tooOld,
  oldest('4.7', '18.0.0', true),
  oldest('4.7', '20', true),
  oldest('5.0', '20.0.0', false),
  oldest('5.9', '24', false)
]
