/**
 * The long form of test/chaos/history.test.ts: many schedules of faults, and a check of what processes wrote down.
 *
 * Usage: npm run bench:history -- [--schedules=100] [--seed=1] [--length=8] [--kinds=kill,step]
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

const program = join(__dirname, '..', '..', 'chaos', 'history', 'run.js')
process.exitCode = spawnSync(process.execPath, [program, ...process.argv.slice(2)], { stdio: 'inherit' }).status ?? 1
