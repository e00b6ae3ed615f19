import { feathers, type Application } from '@feathersjs/feathers'
import { channels } from '@feathersjs/transport-commons'
import { routing } from '@feathersjs/transport-commons/lib/routing'
import { debugApp } from '../../../debug-log'
import { printablePart } from '../../../printable'
import { isIndifferent } from '../../app/feathers-app'

/** The mixin of `rest()` for Express and for Koa puts the middlewares of a service together. */
const REST_MIXIN = /\.(?:express|koa)\.composed\s*=[^=]/

/**
 * Whether an app has mixins of the program, which must see each service as soon as it is found: they may document it,
 * or listen to it. Those of Feathers only prepare a service for calls and events.
 */
export class Mixins {
  private readonly ofFeathers: ReadonlySet<string>
  private checked = 0
  private hasOthers = false

  constructor (private readonly app: Application) {
    // The app may have another copy of them, with the same text.
    const { mixins } = feathers().configure(channels()).configure(routing())
    this.ofFeathers = new Set(mixins.map(String))
  }

  /** Whether there are such mixins now. */
  get seeEachService (): boolean {
    const { mixins } = this.app
    if (mixins.length !== this.checked) {
      this.checked = mixins.length
      const other = mixins.find(mixin => !isIndifferent(mixin) && !this.isOfFeathers(String(mixin)))
      if (other !== undefined && !this.hasOthers) {
        debugApp('each service of other nodes is made when it is found, as the app has a mixin of the program: %s',
          printablePart(other.name === '' ? String(other) : other.name))
      }
      this.hasOthers = other !== undefined
    }
    return this.hasOthers
  }

  private isOfFeathers (text: string): boolean {
    return this.ofFeathers.has(text) || REST_MIXIN.test(text)
  }
}
