// Pages that ship link only to what ships with them. Anything else in the repository (tests, samples, sources) they
// name by its path in backquotes. As soon as package.json has a `repository`, those paths become links to it.
//   node .ci/link-documents.mjs           rewrites the pages
//   node .ci/link-documents.mjs --check   lists the pages that it would change, and fails if there are any
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const { repository } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

const pages = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md',
  ...readdirSync(join(root, 'docs')).filter(name => name.endsWith('.md')).map(name => `docs/${name}`)]

/** Paths of the repository that the package does not hold. */
const UNSHIPPED = /^(?:\.ci|bench|lib|samples|test)\/[\w./-]+$/
const LINK = /\[((?:`[^`]*`|[^[\]`])+)\]\(([^()\s]+)\)/g
/** A path, or a path with the name of a function, as it stands in a page, or as an earlier run linked it. */
const NAMED = /\[`([\w./-]+)(:\w+)?`\]\(https?:[^()\s]*\)|`([\w./-]+)(:\w+)?`/g
const FENCED = /(^(?: *)```[^]*?^ *```$)/m

/** Where a file of the repository is read, once there is an address. */
function addressOf (path) {
  const url = typeof repository === 'string' ? repository : repository?.url
  if (url === undefined) return undefined
  const base = url.replace(/^github:/, 'https://github.com/').replace(/^git\+/, '').replace(/\.git$/, '')
  return `${base}/blob/main/${path}`
}

function linked (page, text) {
  const named = text.replace(LINK, (link, label, target) => {
    const path = posix.normalize(posix.join(posix.dirname(page), target.split('#')[0]))
    if (/^[a-z]+:/.test(target) || !UNSHIPPED.test(path)) return link
    return label.replaceAll('`', '') === path ? `\`${path}\`` : `${quoted(label)} (\`${path}\`)`
  })
  const apart = named.replace(/(`\)?\)) (?="[^"\n]+" \(\[?`)/g, '$1; ')
  return apart.replace(NAMED, (whole, before, nameBefore = '', bare, name = nameBefore) => {
    const path = before ?? bare
    if (!UNSHIPPED.test(path) || !existsSync(join(root, path))) return whole
    const address = addressOf(path)
    return address === undefined ? `\`${path}${name}\`` : `[\`${path}${name}\`](${address})`
  })
}

/** The name of a test is a quotation; other words stand for themselves. */
function quoted (label) {
  return label.includes(' ') || label.includes('%') ? `"${label}"` : label
}

const changed = pages.filter(page => {
  const before = readFileSync(join(root, page), 'utf8')
  const after = before.split(FENCED).map((part, n) => n % 2 === 1 ? part : linked(page, part)).join('')
  if (after !== before && !process.argv.includes('--check')) writeFileSync(join(root, page), after)
  return after !== before
})
if (changed.length > 0) console.log(changed.map(page => `${page} names files that do not ship in another way`).join('\n'))
if (process.argv.includes('--check')) process.exitCode = changed.length > 0 ? 1 : 0
