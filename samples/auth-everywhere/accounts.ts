import { JWTStrategy } from '@feathersjs/authentication'
import { LocalStrategy } from '@feathersjs/authentication-local'
import { people } from '../people'
import { fail } from '../process'
import { makeNode } from './node'
import { ACCOUNTS, UserService } from './user-service'
import type { Account } from './user-service'

async function start (): Promise<void> {
  const accounts: Account[] = []
  const local = new LocalStrategy()
  const node = makeNode({
    service: UserService,
    remote: 'notes',
    register: container => container.register(ACCOUNTS, { useValue: accounts }),
    // Only this node knows the passwords, so users sign in with them here.
    strategies: { jwt: new JWTStrategy(), local }
  })
  for (const { email, password } of people) {
    accounts.push({ id: accounts.length + 1, email, password: await local.hashPassword(password, {}) })
  }
  await node.start()
}

start().catch(fail)
