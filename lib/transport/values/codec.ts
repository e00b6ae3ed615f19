export type { ErrorClass, ErrorClasses } from './error-classes'
