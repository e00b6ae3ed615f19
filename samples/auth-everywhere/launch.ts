import { randomBytes } from 'node:crypto'
import { curl } from '../curl'
import { Launcher, ready } from '../launcher'
import { announcement } from '../process'
import { people } from '../people'

const launcher = new Launcher('auth-everywhere', __dirname)

// All nodes share the secret, so each can check what another one signed.
const AUTH_SECRET = process.env.AUTH_SECRET || randomBytes(32).toString('hex')
const port = Number(process.env.PORT ?? 3030)
const nextPort = String(port === 0 ? 0 : port + 1)

async function start (): Promise<void> {
  const [{ url: accounts = '' }, { url: notes = '' }] = await Promise.all([
    ready(launcher.require('accounts.js', { AUTH_SECRET, PORT: String(port) }), 'The accounts'),
    ready(launcher.require('notes.js', { AUTH_SECRET, PORT: nextPort }), 'The notes')
  ])
  const [{ email, password }] = people
  console.log([
    announcement(accounts),
    announcement(notes),
    'Try, in another terminal:',
    curl.get(`${notes}/notes`),
    curl.signIn(accounts, email, password),
    curl.post(`${notes}/notes`, { text: 'Water the plants' }),
    curl.getSignedIn(`${accounts}/notes`),
    curl.call(`${accounts}/notes`, 'whoami'),
    curl.call(`${notes}/users`, 'profile')
  ].join('\n'))
}

start().catch(error => launcher.giveUp(error))
