import { curl } from '../curl'
import { Launcher, ready } from '../launcher'
import { announcement } from '../process'
import { people } from '../people'

const launcher = new Launcher('auth-gateway', __dirname)

async function start (): Promise<void> {
  const [{ url = '' }] = await Promise.all([
    ready(launcher.require('gateway.js'), 'The gateway'),
    ready(launcher.require('notes.js'), 'The notes')
  ])
  const [{ email, password }] = people
  console.log([
    announcement(url),
    'Try, in another terminal:',
    curl.get(`${url}/notes`),
    curl.signIn(url, email, password),
    curl.getSignedIn(`${url}/notes`),
    curl.post(`${url}/notes`, { text: 'Water the plants' }),
    curl.call(`${url}/notes`, 'whoami')
  ].join('\n'))
}

start().catch(error => launcher.giveUp(error))
