import { join } from 'node:path'
import ts from 'typescript'
import { languageService } from '../types/language-service'

const ROOT = join(__dirname, '../..')
const FILE = join(__dirname, 'editor-sample.ts')
const SOURCE = `import distribution, { DistributedModule } from 'feathers-mesh'
DistributedModule.forRoot({ timeout: 7, strictContracts: true, cote: { maxEventRate: 7 } })
distribution({ coteDelay: 7, key: 'todos' })
DistributedModule.forRoot({ timout: 7 })
`

jest.setTimeout(60_000)

describe('an editor', () => {
  let service: ts.LanguageService
  beforeAll(() => { service = languageService(FILE, SOURCE) })
  afterAll(() => service.dispose())

  it.each([
    ['timeout', 'number', 'Time for one call over the mesh', '20000 ms'],
    ['strictContracts', 'boolean', 'Whether replicas whose contract differs', 'false'],
    ['maxEventRate', 'number', 'Events a second', '200000'],
    ['coteDelay', 'number', 'Time until the plugin joins', '0 ms'],
    ['key', 'string', 'The partition of this node', "'default'"]
  ])('shows what %s takes, its comment and its default', (option, type, comment, fallback) => {
    const info = service.getQuickInfoAtPosition(FILE, SOURCE.indexOf(`${option}:`))
    expect(ts.displayPartsToString(info?.displayParts)).toBe(`(property) ${option}?: ${type} | undefined`)
    expect(ts.displayPartsToString(info?.documentation)).toContain(comment)
    const tag = info?.tags?.find(({ name }) => name === 'default')
    expect(ts.displayPartsToString(tag?.text)).toBe(fallback)
  })

  it('suggests the options with their comments', () => {
    const position = SOURCE.indexOf('strictContracts')
    const names = service.getCompletionsAtPosition(FILE, position, undefined)?.entries.map(({ name }) => name)
    expect(names).toEqual(expect.arrayContaining(['environment', 'listen', 'name', 'transport']))
  })

  it('goes from an option to its row', () => {
    const [found] = service.getDefinitionAtPosition(FILE, SOURCE.indexOf('maxEventRate:')) ?? []
    expect(found?.fileName).toBe(join(ROOT, 'lib/transport/cote/cote-options.ts'))
  })

  it('names the options in its messages, not their table', () => {
    const messages = service.getSemanticDiagnostics(FILE)
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '))
    expect(messages).toEqual([
      expect.stringMatching(/'timout' does not exist in type 'DistributedModuleOptions'.*'timeout'/)
    ])
  })
})
