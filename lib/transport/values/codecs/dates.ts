import { types } from 'node:util'
import type { Codec } from './codec'

/** The work of creating a date; the time of any real one makes its entry longer. */
const DATE_WORK = 24

/** A date by its milliseconds since 1970. */
export const dateCodec: Codec<Date> = {
  name: 'Date',
  is: types.isDate,
  ignoresToJSON: true,

  write (date, entry, writer) {
    writer.claimWork(DATE_WORK)
    entry.push(date.getTime())
  },

  make (entry, reader) {
    reader.claimWork(DATE_WORK)
    const time = entry[1]
    // JSON turns the NaN of an invalid date into null.
    return new Date(typeof time === 'number' ? time : NaN)
  }
}
