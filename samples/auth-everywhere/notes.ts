import { JWTStrategy } from '@feathersjs/authentication'
import { fail } from '../process'
import { makeNode } from './node'
import { NoteService } from './note-service'

const node = makeNode({
  service: NoteService,
  remote: 'users',
  strategies: { jwt: new JWTStrategy() }
})

node.start().catch(fail)
