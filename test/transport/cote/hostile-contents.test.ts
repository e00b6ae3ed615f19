import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CONTROL_IDS, CONTROL_METHODS, HostileContents } from './hostile-contents'
import { seeded } from './wire'

const sourceOf = (file: string): string => readFileSync(join(__dirname, '../../../lib/transport', file), 'utf8')
function textsIn (source: string, pattern: RegExp): string[] {
  return [...source.matchAll(pattern)].map(([, text = '']) => text)
}

describe('the hostile contents that fuzz tests send', () => {
  it('include each control message of the code, with contents of its shape', () => {
    // Read from the text as well: a constant that is not exported would be left out otherwise.
    const methods = textsIn(sourceOf('session/control.ts'), /'(mesh:\w+)'/g)
    const ids = textsIn(sourceOf('cote/wire/arguments.ts'), /'(!\w+)'/g)
    expect([methods.length > 7, ids.length > 3]).toEqual([true, true])
    expect([...CONTROL_METHODS, ...CONTROL_IDS].sort()).toEqual([...methods, ...ids].sort())
    expect(Object.keys(new HostileContents(seeded(1)).shapes).sort()).toEqual([...methods, ...ids].sort())
  })

  it('are made of all of them within the frames of one run', () => {
    const contents = new HostileContents(seeded(1))
    for (let n = 0; n < 1_000; n++) {
      contents.control()
      contents.told()
    }
    expect([...contents.made].sort()).toEqual([...CONTROL_METHODS, ...CONTROL_IDS, 'mesh:', 'mesh:unheard'].sort())
  })
})
