package function

import "fmt"

// Handle answers a request: req is the request body.
func Handle(req []byte) string {
	return fmt.Sprintf("Hello, Go. You said: %s", req)
}
