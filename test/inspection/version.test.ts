import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { VERSION } from '../../lib/inspection/version'

it('the version that a node tells is that of the package', () => {
  const { version } = JSON.parse(readFileSync(join(__dirname, '../../package.json'), 'utf8')) as { version: string }
  expect(VERSION).toBe(version)
})
