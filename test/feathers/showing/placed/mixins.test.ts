import createDebug from 'debug'
import { debugLines } from '../../../debug-lines'
import { Mixins } from '../../../../lib/feathers/showing/placed/mixins'
import { gateways, KINDS } from '../../gateways'

const { bare } = gateways()

describe('the mixins of an app', () => {
  let lines: string[] = []

  beforeEach(() => {
    lines = debugLines('feathers-mesh:app')
  })

  afterEach(() => {
    createDebug.disable()
    jest.restoreAllMocks()
  })

  it.each(KINDS)('are those of Feathers on a %s app, of which nothing is logged', kind => {
    expect(new Mixins(bare(kind)).seeEachService).toBe(false)
    expect(lines).toEqual([])
  })

  it('are named once in the log where they make each service when it is found', () => {
    const app = bare('plain')
    const mixins = new Mixins(app)
    expect(mixins.seeEachService).toBe(false)
    app.mixins.push(function documentAll () {})
    for (let round = 0; round < 2; round++) expect(mixins.seeEachService).toBe(true)
    app.mixins.push(() => {})
    expect(mixins.seeEachService).toBe(true)
    expect(lines).toEqual([expect.stringContaining('documentAll')])
  })
})
