'use strict'

/** Loaded before a program: it believes that it runs on another release of Node.js, and is another one of this package. */
const version = require('../../dist/inspection/version')

Object.defineProperty(process, 'version', { value: 'v18.0.0' })
version.VERSION = '9.9.9'
