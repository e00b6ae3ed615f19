import { writeFileSync } from 'node:fs'
import { optionsPage, PAGE } from './options-page'

// npm run docs:options
writeFileSync(PAGE, optionsPage())
