import { types } from 'node:util'
import type { Codec } from './codec'

/** A date by its milliseconds since 1970. */
export const dateCodec: Codec<Date> = {
  name: 'Date',
  is: types.isDate,
  ignoresToJSON: true,

  write (date, entry) {
    entry.push(date.getTime())
  },

  // JSON turns the NaN of an invalid date into null.
  make: ([, time]) => new Date(typeof time === 'number' ? time : NaN)
}
