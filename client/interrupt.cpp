// SPDX-License-Identifier: PostgreSQL
#include "interrupt.h"

#include <fcntl.h>
#include <unistd.h>

namespace migrate::client {
namespace {

volatile std::sig_atomic_t signal_came = 0;
volatile std::sig_atomic_t write_end = -1;

extern "C" void leave_mark(int)
{
    signal_came = 1;
    const char mark = 1;
    [[maybe_unused]] const auto ignored = write(write_end, &mark, 1);
}

} // namespace

Interrupts::Interrupts()
{
    if (pipe2(pipe_, O_CLOEXEC | O_NONBLOCK) != 0)
        pipe_[0] = pipe_[1] = -1;
    signal_came = 0;
    write_end = pipe_[1];
    struct sigaction action = {};
    action.sa_handler = leave_mark;
    action.sa_flags = static_cast<int>(SA_RESETHAND); // the second one ends the process
    sigaction(SIGINT, &action, &before_int_);
    sigaction(SIGTERM, &action, &before_term_);
}

Interrupts::~Interrupts()
{
    sigaction(SIGINT, &before_int_, nullptr);
    sigaction(SIGTERM, &before_term_, nullptr);
    write_end = -1;
    close(pipe_[0]);
    close(pipe_[1]);
}

bool Interrupts::asked() const
{
    return signal_came != 0;
}

void Interrupts::acknowledge()
{
    char mark;
    while (read(pipe_[0], &mark, 1) > 0) {}
}

} // namespace migrate::client
