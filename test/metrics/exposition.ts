/** One line of the text that Prometheus reads. */
export interface Scraped {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

const COMMENT = /^# (?:HELP [a-z_]+ [^\n]+|TYPE [a-z_]+ (?:counter|gauge|histogram))$/
const LINE = /^([a-z_]+)(?:\{(.*)\})? (\S+)$/
const LABEL = /([a-z_]+)="((?:[^"\\]|\\["\\n])*)"(?:,|$)/y

/** Reads a text as strictly as Prometheus does. @throws for a line that it would not read */
export function readText (text: string): Scraped[] {
  if (!text.endsWith('\n')) throw new Error('the last line has no end')
  return text.trimEnd().split('\n').filter(line => {
    if (line.startsWith('#') && !COMMENT.test(line)) throw new Error(`no comment: ${line}`)
    return line !== '' && !line.startsWith('#')
  }).map(readLine)
}

function readLine (line: string): Scraped {
  const [, name, labels = '', value] = LINE.exec(line) ?? []
  const number = Number(value)
  if (name === undefined || Number.isNaN(number)) throw new Error(`no sample: ${line}`)
  return { name, labels: readLabels(labels), value: number }
}

function readLabels (text: string): Record<string, string> {
  const labels: Record<string, string> = {}
  for (LABEL.lastIndex = 0; LABEL.lastIndex < text.length;) {
    const at = LABEL.lastIndex
    const [, name, value] = LABEL.exec(text) ?? []
    if (name === undefined || value === undefined) throw new Error(`no label: ${text.slice(at)}`)
    labels[name] = value.replace(/\\(.)/g, (_, sign: string) => sign === 'n' ? '\n' : sign)
  }
  return labels
}

/** The only sample of a name whose labels hold these; undefined for none. @throws for several */
export function sampleOf (
  samples: readonly Scraped[], name: string, labels: Readonly<Record<string, string>> = {}
): number | undefined {
  const found = samples.filter(each => each.name === name &&
    Object.entries(labels).every(([label, value]) => each.labels[label] === value))
  if (found.length > 1) throw new Error(`${found.length} samples of ${name}`)
  return found[0]?.value
}
