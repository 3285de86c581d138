/** Oracles for the tests: each class reads lines from standard input and writes what Lucene or the JDK makes of them. */
package io.buzzsaw.oracles;
