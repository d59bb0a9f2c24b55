/// Progress on standard error.
package protocol ProgressReporter: AnyObject {}
