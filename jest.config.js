'use strict'

const { availableParallelism } = require('node:os')

/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: '<rootDir>/test/environment.js',
  // Only sources are crawled: the builds hold copies of the same modules.
  roots: ['<rootDir>/lib', '<rootDir>/test'],
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/.build/', '<rootDir>/dist/'],
  modulePathIgnorePatterns: ['<rootDir>/.build/', '<rootDir>/dist/'],
  // Types are checked once, by `npm run typecheck`; here each file is only transpiled, with the settings of
  // tsconfig.json.
  transform: {
    '^.+\\.ts$': ['@swc/jest', {
      jsc: {
        target: 'es2022',
        parser: { syntax: 'typescript', decorators: true },
        transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: true }
      },
      module: { type: 'commonjs' },
      sourceMaps: 'inline'
    }]
  },
  moduleNameMapper: {
    '^feathers-mesh$': '<rootDir>/lib/index.ts',
    '^feathers-mesh/nats$': '<rootDir>/lib/nats.ts',
    '^feathers-mesh/redis$': '<rootDir>/lib/redis.ts',
    '^feathers-mesh/transport$': '<rootDir>/lib/transport/index.ts',
    '^feathers-mesh/testing$': '<rootDir>/lib/testing/index.ts'
  },
  // tsyringe refuses to load before it, and tests of single rooms don't pass through index.ts.
  setupFiles: ['reflect-metadata'],
  // Longer than a test waits for any one thing.
  testTimeout: 45_000,
  // More than there are cores: the long ones wait for other processes most of the time.
  maxWorkers: 2 * availableParallelism(),
  // Half a second by default: a worker with a gigabyte of what its tests loaded takes longer to give it back, and was
  // said to have been left open. One that is open never ends.
  workerGracefulExitTimeout: 10_000,
  testSequencer: '<rootDir>/test/slowest-first.js',
  reporters: ['default', '<rootDir>/test/plain-summary-reporter.js']
}
