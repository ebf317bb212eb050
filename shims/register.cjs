'use strict';

const { isInternalThread, isMainThread, parentPort } = require('node:worker_threads');

// Node preloads this in the thread of its own loader hooks too, where there is nothing to instrument. Before
// Node 22.14 that thread is told by its having no parent to talk to.
if (!(isInternalThread ?? (!isMainThread && parentPort === null))) {
  require('../dist/register.js');
}
