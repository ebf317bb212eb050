'use strict';

const { isInternalThread, isMainThread, parentPort } = require('node:worker_threads');

// Node preloads this in the thread of its own loader hooks too, where there is nothing to instrument. Before
// Node 22.14 that thread is told by its having no parent to talk to.
if (!(isInternalThread ?? (!isMainThread && parentPort === null))) {
  try {
    require('../dist/register.js');
  } catch (problem) {
    // Where ES modules cannot be required, as from a zip file on some versions of Node, or on AWS Lambda.
    const advice =
      problem?.code === 'ERR_REQUIRE_ESM'
        ? ': preload with --import, or with --experimental-require-module too'
        : '';
    process.stderr.write(
      `opentelemetry-instrumentation-anthropic: could not start (${problem?.code ?? problem?.name})${advice}; the application runs without it\n`,
    );
  }
}
